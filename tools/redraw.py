"""Execute the chapters on other draws: `make redraw SHIFT=3`, or `python tools/redraw.py 3`.

Nothing is stored. Each claim whose verdict changed, or whose control passed, is printed, and the
command ends with status 1 if there is one. Chapters may be named after the shift.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chapters import named
from record import execute
from rootkappa.draws import shifted
from rootkappa.ledger import Book, read_claims
from rootkappa.ledger.collect import records_of
from rootkappa_sphinx.execution import ROOT, fix_environment


def redraw(path: Path, shift: int) -> Any:
    """Execute a chapter with all draws shifted; a cell that fails does not end it."""
    with shifted(shift):
        return execute(path, allow_errors=True)


def changes(book: Book, chapter: str, notebook: Any) -> Iterator[str]:
    """Yield a sentence for each claim of a chapter that came out otherwise than in the book."""
    found = {record["id"]: record for cell in notebook.cells for record in records_of(cell)}
    for claim in book.claims.values():
        if claim.chapter != chapter or not claim.entered:
            continue
        verdict = found.get(claim.id, {}).get(
            "verdict", "not settled: its control passed, or a cell failed"
        )
        if verdict != book.verdict(claim.id):
            yield f"{claim.id}: {book.verdict(claim.id)} -> {verdict}"


def failures(notebook: Any) -> Iterator[str]:
    """Yield the message of each cell that failed."""
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            if output.output_type == "error":
                yield f"{output.ename}: {output.evalue}"


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, usage="redraw.py SHIFT [chapter ...]")
    parser.add_argument("shift", type=int, help="which other draws")
    parser.add_argument("chapters", nargs="*", help="names without suffix; all if none is given")
    parser.add_argument("--book", type=Path, default=ROOT / "book", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    fix_environment()
    try:
        paths = named(options.book, options.chapters)
    except ValueError as error:
        parser.error(str(error))
    claims = read_claims(options.book / "claims.toml")
    stored = Book.collect(claims, [path.with_suffix(".ipynb") for path in paths])
    changed = 0
    for path in paths:
        notebook = redraw(path, options.shift)
        for line in (*changes(stored, path.stem, notebook), *failures(notebook)):
            print(line, flush=True)
            changed += 1
        print(f"{path.stem}: done", flush=True)
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main())
