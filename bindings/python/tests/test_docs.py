"""Everything public is documented, and the examples in it run; what the types say is there."""

from __future__ import annotations

import doctest
import importlib
import importlib.metadata
import inspect
import subprocess
import sys
from typing import Any

import pytest
from conftest import ROOT

import mailseal

PARTS = ["errors", "evidence", "headers", "letters", "read", "report", "words"]
MODULES = ["mailseal", *(f"mailseal._{part}" for part in PARTS)]


@pytest.fixture(autouse=True)
def in_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def documented(name: str) -> list[tuple[str, str]]:
    """A class and its public members, each with its words."""
    thing = getattr(mailseal, name)
    found = [(name, inspect.getdoc(thing) or "")]
    if inspect.isclass(thing) and thing.__module__ == "mailseal":
        for member, value in vars(thing).items():
            if not member.startswith("_"):
                found.append((f"{name}.{member}", inspect.getdoc(value) or ""))
    return found


def test_all_names_are_there_and_documented() -> None:
    assert sorted(set(mailseal.__all__)) == sorted(mailseal.__all__)
    public = {name for name, value in vars(mailseal).items() if not name.startswith("_") and not inspect.ismodule(value)}
    assert public == set(mailseal.__all__)
    unions = {"CODES", "EMAIL_ROOTS_AS_OF", "Evidence", "Layer"}
    for name in sorted(public - unions):
        for place, words in documented(name):
            assert words and not words.startswith(f"{name}("), f"{place} is not documented"


def test_examples_in_the_words_of_classes_run() -> None:
    parser, runner = doctest.DocTestParser(), doctest.DocTestRunner(optionflags=doctest.ELLIPSIS, verbose=False)
    names = {**vars(mailseal), "mailseal": mailseal}
    examples = 0
    for name in mailseal.__all__:
        if getattr(getattr(mailseal, name), "__module__", "") != "mailseal":
            continue
        for place, words in documented(name):
            test = parser.get_doctest(words, dict(names), place, None, 0)
            examples += len(test.examples)
            runner.run(test)
    assert runner.failures == 0 and examples >= 20, (runner.failures, examples)


@pytest.mark.parametrize("module", MODULES)
def test_examples_in_the_words_of_modules_run(module: str) -> None:
    result = doctest.testmod(importlib.import_module(module), optionflags=doctest.ELLIPSIS)
    assert result.failed == 0 and result.attempted > 0


def test_the_types_are_those_of_the_package() -> None:
    """Names, arguments and defaults of the .pyi are those of the classes in Rust."""
    config = ["--mypy-config-file", "bindings/python/pyproject.toml"]
    check = [sys.executable, "-m", "mypy.stubtest", "mailseal", "--concise", *config]
    done = subprocess.run(check, capture_output=True, text=True)
    # PyO3 gives its module an __all__, which nobody reads.
    told = [line for line in done.stdout.splitlines() if "_mailseal.__all__ is not present" not in line]
    assert not told, done.stdout + done.stderr


def test_the_version_is_that_of_the_package() -> None:
    assert importlib.metadata.version("mailseal") == mailseal.__version__
    assert mailseal.EMAIL_ROOTS_AS_OF.startswith("2")


def test_it_runs_in_development_mode() -> None:
    code = "import mailseal; print(mailseal.Opener(mailseal.Context(mailseal.TrustStore())).open('examples/letters/gpg.eml', at=0).report.anchors)"
    done: Any = subprocess.run([sys.executable, "-X", "dev", "-W", "error", "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "0\n", "")


def test_a_second_interpreter_is_told() -> None:
    code = (
        "import mailseal, sys\n"
        "try:\n    import _xxsubinterpreters as interpreters\n"
        "except ImportError:\n    sys.exit(77)\n"
        "one = interpreters.create()\n"
        "interpreters.run_string(one, 'try:\\n import mailseal\\nexcept ImportError: print(\"refused\")\\nelse: print(\"worked\")')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    if done.returncode == 77:
        pytest.skip("skipped: this Python has no module for subinterpreters")
    assert done.stdout.strip() == "refused", done.stdout + done.stderr
