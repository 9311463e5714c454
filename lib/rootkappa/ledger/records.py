"""The record of a settled claim: what was measured, the verdict, and how the control failed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rootkappa.ledger import _words, _written
from rootkappa.ledger._typeset import plain
from rootkappa.ledger.claims import Claim, Interval
from rootkappa.ledger.hypotheses import Hypotheses
from rootkappa.ledger.measurements import Binomial, Spread
from rootkappa.ledger.verdicts import Quantity, Verdict, decide, inside, slack

SCHEMA = 3


@dataclass(frozen=True)
class Control:
    """The run in which the same check must fail: it breaks what the claim's `breaks` names.

    Args:
        what: What was run, in a few words.
        measured: The claim's own quantities, all or some of them, measured in that run by the
            same code.
    """

    what: str
    measured: Mapping[str, Any]


@dataclass(frozen=True)
class Record:
    """A settled claim. As the last expression of a cell it shows itself and enters the ledger.

    Args:
        claim: The claim.
        measured: The measurement of each accepted quantity, or its spread over the draws.
        control_what: What the control was.
        control: What was measured in the control.
        draws: The draws in which every quantity measured on them lies inside, of all draws.
        control_draws: The same of the control.
        hypotheses: In how many draws the theorem's hypotheses were met.
        attained: Quantities of a bound once more, where it is not trivial.
    """

    MIME = "application/vnd.rootkappa.record+json"

    claim: Claim
    measured: Mapping[str, Quantity]
    control_what: str
    control: Mapping[str, Quantity]
    draws: Binomial | None = None
    control_draws: Binomial | None = None
    hypotheses: Hypotheses = field(default_factory=Hypotheses)
    attained: Mapping[str, Quantity] = field(default_factory=dict)

    @property
    def verdict(self) -> Verdict:
        """What came of the claim, by rule from the numbers as they are written."""
        population = self.claim.population
        return decide(
            self.claim.kind,
            self._accept,
            _read_back(self._described(self.measured)),
            hypotheses=self.hypotheses.hold,
            draws=self.draws.share if self.draws else None,
            share=population.share if population else (0.0, 1.0),
            attained=_read_back(self._described(self.attained)),
        )

    @property
    def slack(self) -> float | None:
        """By what factor a bound keeps away from its nearest limit; None where it has no room."""
        if self.claim.kind != "bound":
            return None
        fits = all(_inside(self.measured[name], ends) for name, ends in self._accept.items())
        return slack({**self.measured, **self.attained}, self._accept) if fits else None

    @property
    def _accept(self) -> Mapping[str, Interval]:
        return self.claim.accept or {}

    def _described(self, measured: Mapping[str, Quantity]) -> dict[str, dict[str, Any]]:
        return {
            name: _written.describe(measured[name], ends)
            for name, ends in self._accept.items()
            if name in measured
        }

    def to_dict(self) -> dict[str, Any]:
        """Return the record as it travels in a chapter's output.

        Returns:
            A JSON object, its numbers rounded.
        """
        margin, population = self.slack, self.claim.population
        of = {} if population is None else {"of": population.of}
        return {
            "schema": SCHEMA,
            "id": self.claim.id,
            "digest": self.claim.digest,
            "chapter": self.claim.chapter,
            "verdict": str(self.verdict),
            "slack": None if margin is None else _written.rounded(margin),
            "measured": self._described(self.measured),
            "attained": self._described(self.attained),
            "population": None if self.draws is None else of | _words.binomial(self.draws),
            "control": self._control(),
            "hypotheses": {
                "checked": self.hypotheses.checked,
                "met": self.hypotheses.met,
                "unmet": dict(self.hypotheses.unmet),
            },
        }

    def _control(self) -> dict[str, Any]:
        measured, draws = self._described(self.control), self.control_draws
        return {
            "what": self.control_what,
            "breaks": self.claim.breaks,
            "measured": measured,
            "failed": _words.failure(measured),
            "draws": None if draws is None else _words.binomial(draws.failures),
        }

    def __str__(self) -> str:
        rows = _words.rows(self.claim, self.to_dict())
        rows = [("claim", self.claim.id), *((name, plain(text)) for name, text in rows)]
        width = max(len(name) for name, _ in rows) + 2
        indent = "\n" + " " * width
        return "\n".join(f"{name:{width}}{text.replace(chr(10), indent)}" for name, text in rows)

    def to_html(self) -> str:
        """Return the record as a card that the book's style sheet dresses.

        Returns:
            One HTML element, readable without any style.
        """
        return _words.card(self.claim, self.to_dict())

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
    ) -> dict[str, Any]:
        """Give a notebook the text, the card and the record itself.

        Args:
            include: Ignored: all three always go together.
            exclude: Ignored too.

        Returns:
            Contents by media type.
        """
        return {"text/plain": str(self), "text/html": self.to_html(), self.MIME: self.to_dict()}


def _read_back(entries: Mapping[str, Mapping[str, Any]]) -> dict[str, Quantity]:
    return {name: _written.read_back(entry) for name, entry in entries.items()}


def _inside(measured: Quantity, ends: Interval) -> bool:
    return (
        measured.inside == measured.draws
        if isinstance(measured, Spread)
        else inside(measured.value, ends)
    )
