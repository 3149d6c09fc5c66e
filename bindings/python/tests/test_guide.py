"""The Python of docs/guide.md runs, in a folder with letters of others."""

from __future__ import annotations

import pathlib
import shutil
import subprocess
import sys

from conftest import LETTERS, ROOT


def test_guide(tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "letters"
    shutil.copytree(LETTERS, folder)
    shutil.copy(ROOT / "tests" / "cases" / "drafts" / "to-dave.eml", folder / "draft.eml")
    subprocess.run([sys.executable, ROOT / "examples" / "guide" / "guide.py"], cwd=folder, check=True)
    for name in ("signed.eml", "invoice.eml", "encrypted-0.eml", "letter.eml", "stamped.eml"):
        assert (folder / name).is_file(), name
