"""Plain data, as it is in JSON, read into dataclasses by their type hints."""

from __future__ import annotations

import dataclasses
import datetime
import enum
import typing
from typing import Any, Callable, TypeVar

T = TypeVar("T")

# Made once for each class.
_READERS: dict[Any, Callable[[Any], Any]] = {}

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def read(kind: Callable[..., T], data: Any) -> T:
    """An instance of a dataclass, or of a union of them that differ by their `kind`."""
    made: T = _reader(kind)(data)
    return made


def time(text: str) -> datetime.datetime:
    """As the library writes it.

    >>> time("2019-11-28T09:30:00Z").year, time("@-1").second
    (2019, 59)
    """
    if not text.startswith("@"):
        return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    try:
        return _EPOCH + datetime.timedelta(seconds=int(text[1:]))
    except OverflowError:
        end = datetime.datetime.min if text[1] == "-" else datetime.datetime.max
        return end.replace(tzinfo=datetime.timezone.utc)


def _reader(kind: Any) -> Callable[[Any], Any]:
    if kind not in _READERS:
        _READERS[kind] = _made(kind)
    return _READERS[kind]


def _made(kind: Any) -> Callable[[Any], Any]:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is tuple:
        each = _reader(arguments[0])
        return lambda data: tuple(map(each, data))
    if origin is typing.Union:
        return _union([one for one in arguments if one is not type(None)])
    if kind is datetime.datetime:
        return time
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return _member(kind)
    if dataclasses.is_dataclass(kind):
        return _dataclass(kind)
    return lambda data: data


def _union(kinds: list[Any]) -> Callable[[Any], Any]:
    if len(kinds) == 1:
        only = _reader(kinds[0])
        return lambda data: None if data is None else only(data)
    by_name = {typing.get_args(typing.get_type_hints(one)["kind"])[0]: _reader(one) for one in kinds}
    return lambda data: by_name[data["kind"]](data)


def _member(kind: type[enum.Enum]) -> Callable[[Any], Any]:
    if all(isinstance(member.value, int) for member in kind):
        # What is not known is as good as nothing: 0.
        names = {member.name.lower(): member for member in kind}
        return lambda data: names.get(data, kind(0))
    return kind


def _dataclass(kind: Any) -> Callable[[Any], Any]:
    hints = typing.get_type_hints(kind)
    fields = [
        (field.name, field.metadata.get("json", field.name), _reader(hints[field.name]))
        for field in dataclasses.fields(kind)
        if field.init
    ]
    shaped = getattr(kind, "_shaped", None)

    def made(data: Any) -> Any:
        if shaped is not None:
            data = shaped(data)
        return kind(**{name: reader(data[key]) for name, key, reader in fields if key in data})

    return made


def hidden(json: str, default: Any) -> Any:
    """A field that is read, but neither shown nor compared."""
    return dataclasses.field(default=default, repr=False, compare=False, metadata={"json": json})


def tagged(data: Any) -> tuple[str, Any]:
    """A name, or a name with something.

    >>> tagged("validity"), tagged({"issuer": 0})
    (('validity', None), ('issuer', 0))
    """
    if isinstance(data, str):
        return data, None
    [(name, detail)] = data.items()
    return name, detail
