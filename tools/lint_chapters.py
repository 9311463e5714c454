"""Format and lint the code of chapters: `python tools/lint_chapters.py [--fix] [chapter ...]`.

Ruff knows what a notebook's cell may do that a module may not, such as end in an expression. It is
given the cells as a notebook; what it finds is shown with its line of the chapter. `--fix` writes
the cells back in the house format and leaves every other byte of the chapter as it was.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from cells import code_cells, with_sources
from chapters import named
from rootkappa._files import write_atomically
from rootkappa_sphinx.execution import ROOT


def check(chapter: Path) -> list[str]:
    """Return what is not as it should be, one line each with its place."""
    cells = code_cells(chapter.read_text(encoding="utf-8"))
    given = as_notebook([cell.source for cell in cells])
    findings = []
    for found in json.loads(_ruff("check", "--output-format=json", given=given)):
        line = cells[found["cell"] - 1].line + found["location"]["row"] - 1
        place = f"{chapter}:{line}:{found['location']['column']}"
        findings.append(f"{place}: {found['code'] or found['name']} {found['message']}")
    formatted = sources_of(_ruff("format", given=given) or given)
    findings += [
        f"{chapter}:{cell.line}: this cell is not in the house format"
        for cell, source in zip(cells, formatted, strict=True)
        if cell.source != source
    ]
    return findings


def fix(chapter: Path) -> bool:
    """Rewrite a chapter's cells as far as Ruff can; tell whether anything has changed."""
    text = chapter.read_text(encoding="utf-8")
    given = as_notebook([cell.source for cell in code_cells(text)])
    # Where code cannot be read Ruff returns nothing, and the cells stay.
    linted = _ruff("check", "--fix-only", "--quiet", given=given) or given
    fixed = with_sources(text, sources_of(_ruff("format", given=linted) or linted))
    if fixed == text:
        return False
    write_atomically(chapter, fixed)
    return True


def _ruff(*arguments: str, given: str) -> str:
    # Whatever the folder, the rules are those of the book.
    place = ROOT / "book" / "chapter.ipynb"
    command = [sys.executable, "-m", "ruff", *arguments, f"--stdin-filename={place}", "-"]
    return subprocess.run(
        command,
        input=given,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        cwd=ROOT,
    ).stdout


def as_notebook(sources: list[str]) -> str:
    """Return cells as the text of a notebook."""
    cells = [_cell(number, source.rstrip("\n")) for number, source in enumerate(sources)]
    metadata = {"language_info": {"name": "python"}}
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


def _cell(number: int, source: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "id": f"{number}",
        "metadata": {},
        "execution_count": None,
        "outputs": [],
        "source": source.splitlines(keepends=True),
    }


def sources_of(notebook: str) -> list[str]:
    """Return the cells of such a text, each line with its end."""
    sources = ["".join(cell["source"]) for cell in json.loads(notebook)["cells"]]
    return [f"{source}\n" if source else "" for source in sources]


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, usage="%(prog)s [--fix] [chapter ...]")
    parser.add_argument("chapters", nargs="*", help="names without suffix; all if none is given")
    parser.add_argument("--fix", action="store_true", help="rewrite what Ruff can rewrite")
    parser.add_argument("--book", type=Path, default=ROOT / "book", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    try:
        paths = named(options.book, options.chapters)
    except ValueError as error:
        parser.error(str(error))
    if options.fix:
        changed = [path.stem for path in paths if fix(path)]
        print(f"rewritten: {', '.join(changed)}" if changed else "nothing to rewrite")
    findings = [line for path in paths for line in check(path)]
    print("\n".join(findings) if findings else f"{len(paths)} chapters: every cell is sound")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
