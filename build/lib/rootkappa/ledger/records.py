"""The record of a settled claim: what was measured, the verdict, and how the control failed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from rootkappa.ledger import measurements as m
from rootkappa.ledger._typeset import typeset
from rootkappa.ledger.claims import Claim
from rootkappa.ledger.measurements import Binomial, Measured, Number
from rootkappa.ledger.verdicts import Verdict, inside, slack

MIME = "application/vnd.rootkappa.record+json"
_SCHEMA = 1


@dataclass(frozen=True)
class Control:
    """The run in which the same check must fail.

    Args:
        what: What was run, in a few words.
        measured: The claim's own quantities, all or some of them, measured in that run.
    """

    what: str
    measured: Mapping[str, Number | Measured | Binomial]


@dataclass(frozen=True)
class Record:
    """A settled claim. As the last expression of a cell it shows itself and enters the ledger.

    Args:
        claim: The claim.
        verdict: What came of it.
        measured: The measurement of each accepted quantity.
        control_what: What the control was.
        control: What was measured in the control.
        unmet: Names of the hypotheses that do not hold; empty when all do.
        counts: Runs that did what the claim says, of all runs, where that was counted.
    """

    claim: Claim
    verdict: Verdict
    measured: Mapping[str, Measured]
    control_what: str
    control: Mapping[str, Measured]
    unmet: tuple[str, ...] = ()
    counts: Binomial | None = None

    @property
    def slack(self) -> float | None:
        """The ratio limit / measured of a bound's binding limit; None for other kinds."""
        if self.claim.kind != "bound":
            return None
        return slack(self.measured, self.claim.accept or {})

    def to_dict(self) -> dict[str, Any]:
        """Return the record as it travels in a chapter's output.

        Returns:
            A JSON object, its numbers rounded.
        """
        accept = self.claim.accept or {}
        control = {name: m.describe(value, accept[name]) for name, value in self.control.items()}
        margin = self.slack
        return {
            "schema": _SCHEMA,
            "id": self.claim.id,
            "digest": self.claim.digest,
            "chapter": self.claim.chapter,
            "verdict": str(self.verdict),
            "slack": None if margin is None else m.rounded(margin),
            "measured": {name: m.describe(self.measured[name], accept[name]) for name in accept},
            "control": {
                "what": self.control_what,
                "measured": control,
                "failed": self._failure(),
            },
            "hypotheses": {"met": not self.unmet, "unmet": list(self.unmet)},
            "counts": _counts(self.counts),
        }

    def _failure(self) -> str:
        accept = self.claim.accept or {}
        parts = []
        for name, value in self.control.items():
            if not inside(value.value, accept[name]):
                text = m.describe(value, accept[name])["text"]
                parts.append(f"{label(name)}: {text} (accepted: {m.interval(accept[name])})")
        return "; ".join(parts)

    def __str__(self) -> str:
        rows = [("claim", self.claim.id), *_rows(self.claim, self.to_dict())]
        width = max(len(name) for name, _ in rows) + 2
        indent = "\n" + " " * width
        return "\n".join(f"{name:{width}}{text.replace(chr(10), indent)}" for name, text in rows)

    def to_html(self) -> str:
        """Return the record as a card that the book's style sheet dresses.

        Returns:
            One HTML element, readable without any style.
        """
        data = self.to_dict()
        cells = "".join(
            f'<tr><th scope="row">{escape(name)}</th><td>{lines(text)}</td></tr>'
            for name, text in _rows(self.claim, data)
            if name not in ("verdict", "statement")
        )
        return (
            f'<div class="rk-record rk-record-{self.verdict.slug}" id="{self.claim.anchor}">'
            f'<p class="rk-head"><code>{escape(self.claim.id)}</code> {badge(self.verdict)}</p>'
            f'<p class="rk-statement">{typeset(self.claim.statement)}</p>'
            f'<table class="rk-table"><tbody>{cells}</tbody></table></div>'
        )

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
        return {"text/plain": str(self), "text/html": self.to_html(), MIME: self.to_dict()}


def badge(verdict: str) -> str:
    """Return a verdict as a small labelled mark.

    Args:
        verdict: A verdict, or "open".

    Returns:
        An HTML element.
    """
    slug = "open" if verdict == "open" else Verdict(verdict).slug
    return f'<span class="rk-verdict rk-verdict-{slug}">{escape(str(verdict))}</span>'


def lines(text: str) -> str:
    """Return text as HTML, with its formulas and line breaks.

    Args:
        text: Plain text.

    Returns:
        HTML.
    """
    return "<br>".join(typeset(line) for line in text.split("\n"))


def label(name: str) -> str:
    """Return a quantity's name as words.

    Args:
        name: Its key in `accept`.

    Returns:
        The name with spaces for underscores.
    """
    return name.replace("_", " ")


def describe_measured(measured: Mapping[str, Mapping[str, Any]]) -> str:
    """Write the stored measurements, a line each.

    Args:
        measured: Measurements as `Record.to_dict` stores them.

    Returns:
        "name: value (accepted: interval)" in each line.
    """
    parts = []
    for name, entry in measured.items():
        low, high = entry["accept"]
        ends = (-math.inf if low is None else low, math.inf if high is None else high)
        parts.append(f"{label(name)}: {entry['text']} (accepted: {m.interval(ends)})")
    return "\n".join(parts)


def describe_control(data: Mapping[str, Any]) -> str:
    """Write what the control of a stored record was and how it failed.

    Args:
        data: A record as `Record.to_dict` stores it.

    Returns:
        What was run, then a line for each quantity outside its interval.
    """
    control = data["control"]
    return "\n".join([control["what"], *control["failed"].split("; ")])


def describe_slack(data: Mapping[str, Any]) -> str:
    """Write the slack of a stored record.

    Args:
        data: A record as `Record.to_dict` stores it.

    Returns:
        A phrase; empty when there is none.
    """
    return "" if data["slack"] is None else f"limit / measured = {m.number(data['slack'])}"


def describe_counts(data: Mapping[str, Any]) -> str:
    """Write the counted runs of a stored record.

    Args:
        data: A record as `Record.to_dict` stores it.

    Returns:
        A phrase; empty when nothing was counted.
    """
    counts = data["counts"]
    if not counts:
        return ""
    ends = m.interval((counts["interval"][0], counts["interval"][1]))
    return f"{counts['successes']} of {counts['trials']} (95 % interval {ends})"


def _rows(claim: Claim, data: Mapping[str, Any]) -> list[tuple[str, str]]:
    unmet = data["hypotheses"]["unmet"]
    rows = [
        ("verdict", data["verdict"]),
        ("statement", claim.statement),
        ("predicted", claim.predicted),
        ("measured", describe_measured(data["measured"])),
        ("slack", describe_slack(data)),
        ("runs", describe_counts(data)),
        ("hypotheses", f"not met: {'; '.join(unmet)}" if unmet else "met"),
        ("control", describe_control(data)),
    ]
    return [(name, text) for name, text in rows if text]


def _counts(counts: Binomial | None) -> dict[str, Any] | None:
    if counts is None:
        return None
    ends = [m.rounded(end) for end in counts.interval]
    return {"successes": counts.successes, "trials": counts.trials, "interval": ends}
