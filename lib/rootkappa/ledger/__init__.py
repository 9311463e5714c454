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

from rootkappa.ledger.chapter import open_chapter
from rootkappa.ledger.claims import Claim, read_claims
from rootkappa.ledger.collect import Book
from rootkappa.ledger.measurements import Binomial
from rootkappa.ledger.published import published
from rootkappa.ledger.records import Control, Record
from rootkappa.ledger.verdicts import Verdict

__all__ = [
    "Binomial",
    "Book",
    "Claim",
    "Control",
    "Record",
    "Verdict",
    "open_chapter",
    "published",
    "read_claims",
]
