"""A claim measured again, and compared with the ledger that was published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rootkappa._hint import hint
from rootkappa.evidence.measured import DRAWS, measure
from rootkappa.ledger import Book, Claim, Record, read_claims
from rootkappa.ledger.chapter import Chapter, find_claims
from rootkappa.ledger.published import published


@dataclass(frozen=True)
class Afresh:
    """A claim that was settled again, beside what was published.

    Args:
        record: The record; its control fails.
        verdict: The published verdict; "open" or "missing" where none was.
        changed: Whether the claim itself was entered differently then.
    """

    record: Record
    verdict: str
    changed: bool

    @property
    def agrees(self) -> bool:
        """Whether the same claim has the same verdict again."""
        return not self.changed and str(self.record.verdict) == self.verdict

    def __str__(self) -> str:
        if self.changed:
            return (
                f"published  {self.verdict}, for another wording or other intervals of this claim: "
                "compare with the version of the library that you cite"
            )
        return f"published  {self.verdict}, {'as here' if self.agrees else 'not as here'}"


def settle_afresh(claim: str, draws: int | None = None, first: int | None = None) -> Afresh:
    """Measure one claim and its control afresh, and settle it without its chapter.

    Args:
        claim: The claim's id, chapter/slug.
        draws: How many draws, where the claim depends on any; as many as it asks for if None.
        first: The seed of the first of them; that of the book if None.

    Returns:
        The record beside the published verdict.

    Raises:
        ValueError: If no function measures the claim, there are fewer draws than it asks for, or
            its control passes.
    """
    known = published()
    claims = _claims(known)
    if claim not in claims:
        raise ValueError(f"there is no claim {claim!r}: {hint(claim, claims)}")
    entered = claims[claim]
    evidence = measure(claim, *_asked(entered, draws, first))
    record = evidence.settle(Chapter(entered.chapter, claims))
    earlier = known.claims.get(claim)
    return Afresh(
        record,
        "missing" if earlier is None else known.verdict(claim),
        earlier is None or earlier.digest != entered.digest,
    )


def _claims(known: Book) -> Mapping[str, Claim]:
    # In a checkout its own claims are settled, so that a new one can be tried.
    try:
        return read_claims(find_claims())
    except FileNotFoundError:
        return known.claims


def _asked(claim: Claim, draws: int | None, first: int | None) -> tuple[int, int]:
    # What is not said is what the claim asks for.
    entered = claim.population
    most, begin = (DRAWS, 0) if entered is None else (entered.draws, entered.first)
    return most if draws is None else draws, begin if first is None else first
