"""The first cell of every chapter, in its one source: `python tools/first_cell.py`.

It fetches the book where a chapter is opened without it, as on Colab, and can be run again in
every state. Recording puts it into the chapter; the command above puts it into all of them without
executing anything, as a new version or another address asks for. It takes the place of the first
code cell of a chapter if that is tagged `remove-cell`.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import nbformat

from cells import code_cells, with_sources
from chapters import chapters, store_form
from rootkappa._files import write_atomically
from rootkappa_sphinx.execution import ROOT

TAGS = ":tags: [remove-cell]\n"
TEMPLATE = """\
# Where the book is not at hand, as on Colab, fetch it. Running this cell again does no harm.
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

folders = [Path.cwd(), *Path.cwd().parents, Path.cwd() / "rootkappa"]
parts = ("book/claims.toml", "pyproject.toml")
whole = [folder for folder in folders if all((folder / part).is_file() for part in parts)]
clone = folders[-1]
if not whole:
    if (clone / ".git").exists():
        shutil.rmtree(clone)  # an earlier clone was interrupted
    origin = "{repository}"
    git = ["git", "clone", "--quiet", "--depth=1", origin, str(clone)]
    if subprocess.run([*git, "--branch=v{version}"]).returncode != 0:  # not released yet
        subprocess.run([*git, "--branch=main"], check=True)
os.chdir((whole or [clone])[0] / "book")
sys.path.insert(0, str(Path("../lib").resolve()))
if importlib.util.find_spec("myst_nb") is None:
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", "myst-nb"], check=True)

from rootkappa import devices

devices.set_up()
"""


def source() -> str:
    """Return the cell's code for the version and the address that pyproject.toml names."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return TEMPLATE.format(version=project["version"], repository=project["urls"]["Repository"])


def put_in(chapter: Path) -> bool:
    """Put the cell into a chapter's text, and into its notebook; tell whether the text changed."""
    text = chapter.read_text(encoding="utf-8")
    there = [cell.source for cell in code_cells(text)]
    if not there or code_cells(text)[0].options != TAGS or there[0] == source():
        return False
    write_atomically(chapter, with_sources(text, [source(), *there[1:]]))
    notebook = chapter.with_suffix(".ipynb")
    if notebook.exists():
        stored = nbformat.read(notebook, as_version=4)
        first = next(cell for cell in stored.cells if cell.cell_type == "code")
        first.source = source().rstrip("\n")
        write_atomically(notebook, store_form(stored))
    return True


def main(book: Path = ROOT / "book") -> int:
    """Put the cell into every chapter, and say which have changed."""
    changed = [path.stem for path in chapters(book) if put_in(path)]
    print(f"changed: {', '.join(changed)}" if changed else "every chapter has the first cell")
    return 0


if __name__ == "__main__":
    sys.exit(main())
