"""The ledger: what the papers claim, what was measured, and the verdict that follows by rule.

A chapter settles its claims:

```python
from rootkappa import ledger

book = ledger.open_chapter("quadratics")
book.settle(
    "quadratics/gd-radius",
    measured={"deviation": 3e-16},
    control=ledger.Control("step 2.1/lambda_max", {"deviation": 0.9}),
)
```
"""

from __future__ import annotations

from rootkappa.ledger.chapter import Chapter, HypothesesReport, open_chapter
from rootkappa.ledger.claims import Claim, Interval, read_chapters, read_claims
from rootkappa.ledger.collect import Book, LedgerError, collect, to_json, write_atomically
from rootkappa.ledger.measurements import Binomial, Measured
from rootkappa.ledger.records import MIME, Control, Record
from rootkappa.ledger.verdicts import Verdict, decide

__all__ = [
    "MIME",
    "Binomial",
    "Book",
    "Chapter",
    "Claim",
    "Control",
    "HypothesesReport",
    "Interval",
    "LedgerError",
    "Measured",
    "Record",
    "Verdict",
    "collect",
    "decide",
    "open_chapter",
    "read_chapters",
    "read_claims",
    "to_json",
    "write_atomically",
]
