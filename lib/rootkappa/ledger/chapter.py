"""Settling claims in a chapter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rootkappa._hint import hint
from rootkappa.ledger import _reading
from rootkappa.ledger.claims import Claim, read_claims
from rootkappa.ledger.hypotheses import Checked, Hypotheses
from rootkappa.ledger.measurements import Binomial
from rootkappa.ledger.records import Control, Record


class Chapter:
    """A chapter's side of the ledger: the claims it has to settle, and those it has settled.

    Args:
        name: The chapter, the first part of its claims' ids.
        claims: All claims, by id.

    Raises:
        ValueError: If no claim belongs to the chapter.
    """

    def __init__(self, name: str, claims: Mapping[str, Claim]) -> None:
        chapters = list(dict.fromkeys(claim.chapter for claim in claims.values()))
        if name not in chapters:
            raise ValueError(f"no claim belongs to chapter {name!r}: {hint(name, chapters)}")
        self.name = name
        self.claims = {key: claim for key, claim in claims.items() if claim.chapter == name}
        self.records: dict[str, Record] = {}

    @property
    def missing(self) -> tuple[str, ...]:
        """The entered claims of the chapter that are not settled yet."""
        return tuple(
            key for key, claim in self.claims.items() if claim.entered and key not in self.records
        )

    def settle(
        self,
        claim_id: str,
        *,
        measured: Mapping[str, Any],
        control: Control,
        hypotheses: Checked | Sequence[Checked | Sequence[Checked]] = (),
        attained: Mapping[str, Any] | None = None,
    ) -> Record:
        """Settle a claim; the verdict follows by rule. Settling it again replaces the record.

        Args:
            claim_id: The claim, chapter/slug.
            measured: Each quantity of the claim's `accept`: one number a draw (a list or an
                array), or for all draws together a number, a pair (value, (low, high)), or a
                `Binomial`.
            control: The run in which the same check fails, on as many draws.
            hypotheses: What the theorem's check returned: one report for all draws, or one a
                draw (a sequence of them where a draw has several theorems). Empty where nothing
                is assumed.
            attained: Some of the quantities of a bound once more, where it is not trivial.

        Returns:
            The record; as the last expression of a cell it shows itself.

        Raises:
            TypeError: If a quantity is no number, or an argument is not of its kind.
            ValueError: If the claim is unknown or open, a quantity is missing, unknown, NaN or
                outside its own interval, there are too few draws, or the control passes.
        """
        claim = self._claim(claim_id)
        if not isinstance(control, Control):
            raise TypeError(
                f"claim {claim.id!r} has no control, got {control!r}: give "
                "ledger.Control(what, measured) of a run in which the check fails."
            )
        accept = claim.accept or {}
        values = _reading.measured(claim, measured)
        failing = _reading.control(claim, control.what, control.measured, values)
        further = _reading.attained(claim, attained)
        record = Record(
            claim=claim,
            measured=_reading.summarised(values, accept),
            draws=_reading.joint(claim, values),
            attained=_reading.summarised(further, accept),
            control_what=control.what,
            control=_reading.summarised(failing, accept),
            control_draws=_reading.joint(claim, failing),
            hypotheses=_hypotheses(claim, hypotheses, _reading.joint(claim, values)),
        )
        self.records[claim_id] = record
        return record

    def _claim(self, claim_id: str) -> Claim:
        if not isinstance(claim_id, str) or claim_id not in self.claims:
            raise ValueError(
                f"unknown claim {claim_id!r} in chapter {self.name!r}: "
                f"{hint(claim_id, self.claims)}"
            )
        claim = self.claims[claim_id]
        if not claim.entered:
            raise ValueError(
                f"claim {claim_id!r} is open: fix its intervals in claims.toml "
                "(accept = { quantity = [low, high] }) before it is measured."
            )
        return claim


def open_chapter(name: str, path: str | Path | None = None) -> Chapter:
    """Open the ledger for a chapter.

    Args:
        name: The chapter, the first part of its claims' ids.
        path: The file claims.toml; the nearest one if None.

    Returns:
        The chapter, ready to settle its claims.
    """
    return Chapter(name, read_claims(find_claims() if path is None else path))


def find_claims() -> Path:
    """Find the nearest claims.toml.

    Returns:
        The file: beside the chapter, in a folder `book`, or in a folder above.

    Raises:
        FileNotFoundError: If there is none.
    """
    here = Path.cwd()
    for folder in (here, *here.parents):
        for candidate in (folder / "claims.toml", folder / "book" / "claims.toml"):
            if candidate.is_file():
                return candidate
    raise FileNotFoundError(
        f"no claims.toml in {here} or above: run from the book's folder, or give its path."
    )


def _hypotheses(
    claim: Claim,
    reports: Checked | Sequence[Checked | Sequence[Checked]],
    draws: Binomial | None,
) -> Hypotheses:
    try:
        found = Hypotheses.read(reports)
    except TypeError as error:
        raise TypeError(f"claim {claim.id!r}: {error}") from error
    if draws is not None and found.checked not in (0, 1, draws.trials):
        raise ValueError(
            f"claim {claim.id!r} has {found.checked} reports for {draws.trials} draws: give the "
            "theorem's report on each draw."
        )
    return found
