"""Put claims and records where the package carries them: `python tools/publish.py`.

The chapters' outputs are the source. `make record` publishes when all chapters are sound.
"""

from __future__ import annotations

import sys
from pathlib import Path

from rootkappa._files import write_atomically
from rootkappa.ledger import Book, read_claims
from rootkappa.ledger.published import CLAIMS, RECORDS, to_text
from rootkappa_sphinx.execution import ROOT

DATA = ROOT / "lib/rootkappa/ledger/data"


def publish(book: Path = ROOT / "book", data: Path = DATA) -> None:
    """Write both files of the published ledger.

    Raises:
        ValueError: If a claim lacks its record, or a record is damaged or stale.
    """
    for name, text in contents(book).items():
        write_atomically(data / name, text)


def contents(book: Path) -> dict[str, str]:
    """Give what both files should hold."""
    claims = read_claims(book / CLAIMS)
    collected = Book.collect(claims, sorted(book.glob("*.ipynb")))
    return {CLAIMS: (book / CLAIMS).read_text(encoding="utf-8"), RECORDS: to_text(collected)}


def main() -> int:
    """Run the command line."""
    try:
        publish()
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
