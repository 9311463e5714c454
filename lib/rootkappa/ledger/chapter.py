"""Settling claims in a chapter."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from rootkappa.ledger._toml import hint
from rootkappa.ledger.claims import Claim, read_claims
from rootkappa.ledger.measurements import Binomial, Measured
from rootkappa.ledger.records import Control, Record
from rootkappa.ledger.verdicts import inside


class HypothesesReport(Protocol):
    """What a theorem's check returns: whether all its hypotheses hold."""

    @property
    def holds(self) -> bool:
        """Whether every hypothesis holds."""
        ...


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
            raise ValueError(f"no claim belongs to chapter {name!r}: {hint(str(name), chapters)}")
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
        hypotheses: bool | Sequence[str] | HypothesesReport = True,
        counts: Binomial | None = None,
    ) -> Record:
        """Settle a claim; the verdict follows by rule. Settling it again replaces the record.

        Args:
            claim_id: The claim, chapter/slug.
            measured: Each quantity of the claim's `accept`: a number, a pair
                (value, (low, high)), or a `Binomial`.
            control: The run in which the same check fails.
            hypotheses: Whether the claim's hypotheses are met: a boolean, a theorem's report, or
                the names of those that are not met.
            counts: Runs that did what the claim says, of all runs.

        Returns:
            The record; as the last expression of a cell it shows itself.

        Raises:
            TypeError: If a quantity is no number, or an argument is not of its kind.
            ValueError: If the claim is unknown or open, a quantity is missing, unknown, NaN or
                outside its own interval, or the control passes the check.
        """
        claim = self._claim(claim_id)
        record = Record(
            claim=claim,
            measured=_measured(claim, measured),
            control_what=control.what if isinstance(control, Control) else "",
            control=_control(claim, control),
            unmet=_unmet(claim, hypotheses),
            counts=_counts(claim, counts),
        )
        self.records[claim_id] = record
        return record

    def _claim(self, claim_id: str) -> Claim:
        if not isinstance(claim_id, str) or claim_id not in self.claims:
            raise ValueError(
                f"unknown claim {claim_id!r} in chapter {self.name!r}: "
                f"{hint(str(claim_id), self.claims)}"
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
        path: The file claims.toml; by default the nearest one, beside the chapter, in a folder
            `book`, or in a folder above.

    Returns:
        The chapter, ready to settle its claims.

    Raises:
        FileNotFoundError: If there is no claims.toml.
    """
    if path is not None:
        return Chapter(name, read_claims(path))
    here = Path.cwd()
    for folder in (here, *here.parents):
        for candidate in (folder / "claims.toml", folder / "book" / "claims.toml"):
            if candidate.is_file():
                return Chapter(name, read_claims(candidate))
    raise FileNotFoundError(
        f"no claims.toml in {here} or above: run from the book's folder, or give its path."
    )


def _measured(claim: Claim, measured: Mapping[str, Any]) -> dict[str, Measured]:
    values = _read(claim, measured, "measured")
    lacking = [name for name in claim.accept or {} if name not in values]
    if lacking:
        raise ValueError(
            f"claim {claim.id!r}: measured lacks {', '.join(lacking)}: measure it too."
        )
    for name, value in values.items():
        if math.isnan(value.value):
            raise ValueError(
                f"claim {claim.id!r}: measured {name} is NaN, which says nothing: find out why, "
                "and write infinity for a run that diverged."
            )
    return values


def _read(claim: Claim, measured: Mapping[str, Any], what: str) -> dict[str, Measured]:
    accept = claim.accept or {}
    if not isinstance(measured, Mapping):
        raise TypeError(
            f"claim {claim.id!r}: {what} is {measured!r}: give a dictionary of {', '.join(accept)}."
        )
    for name in measured:
        if name not in accept:
            raise ValueError(
                f"claim {claim.id!r}: {what} has the unknown quantity {name!r}: "
                f"{hint(str(name), accept)}"
            )
    try:
        return {name: Measured.read(name, value) for name, value in measured.items()}
    except (TypeError, ValueError) as error:
        raise type(error)(f"claim {claim.id!r}: {error}") from error


def _control(claim: Claim, control: Control) -> dict[str, Measured]:
    if not isinstance(control, Control):
        raise TypeError(
            f"claim {claim.id!r} has no control, got {control!r}: give "
            "ledger.Control(what, measured) of a run in which the check fails."
        )
    values = _read(claim, control.measured, "control")
    if not isinstance(control.what, str) or not control.what.strip() or not values:
        raise ValueError(
            f"claim {claim.id!r}: the control is empty: say what was run and what it measured."
        )
    accept = claim.accept or {}
    if all(inside(value.value, accept[name]) for name, value in values.items()):
        shown = ", ".join(f"{name} = {value.value:.3g}" for name, value in values.items())
        raise ValueError(
            f"claim {claim.id!r}: the control {control.what!r} passes the check ({shown}), and a "
            "control that does not fail is no control: choose a run in which the claim breaks."
        )
    return values


def _counts(claim: Claim, counts: Binomial | None) -> Binomial | None:
    if counts is not None and not isinstance(counts, Binomial):
        raise TypeError(
            f"claim {claim.id!r}: counts is {counts!r}: give ledger.Binomial(successes, trials)."
        )
    return counts


def _unmet(claim: Claim, hypotheses: bool | Sequence[str] | HypothesesReport) -> tuple[str, ...]:
    if isinstance(hypotheses, bool):
        return () if hypotheses else ("see the text",)
    if isinstance(hypotheses, str):
        return (hypotheses,)
    if isinstance(hypotheses, Sequence) and all(isinstance(name, str) for name in hypotheses):
        return tuple(hypotheses)
    holds = getattr(hypotheses, "holds", None)
    if not isinstance(holds, bool):
        raise TypeError(
            f"claim {claim.id!r}: hypotheses is {hypotheses!r}: give a theorem's report, a "
            "boolean, or the names of those that are not met."
        )
    names = [getattr(entry, "name", str(entry)) for entry in getattr(hypotheses, "unmet", ())]
    return () if holds else tuple(names) or ("see the theorem's report",)
