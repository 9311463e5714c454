"""The record of a settled claim: what was measured, the verdict, and how the control failed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from rootkappa.ledger import _written
from rootkappa.ledger._typeset import typeset
from rootkappa.ledger.claims import Claim
from rootkappa.ledger.measurements import Binomial, Measured
from rootkappa.ledger.verdicts import Verdict, decide, inside, slack

SCHEMA = 1


@dataclass(frozen=True)
class Control:
    """The run in which the same check must fail.

    Args:
        what: What was run, in a few words.
        measured: The claim's own quantities, all or some of them, measured in that run.
    """

    what: str
    measured: Mapping[str, Any]


@dataclass(frozen=True)
class Record:
    """A settled claim. As the last expression of a cell it shows itself and enters the ledger.

    Args:
        claim: The claim.
        measured: The measurement of each accepted quantity.
        control_what: What the control was.
        control: What was measured in the control.
        unmet: Names of the hypotheses that do not hold; empty when all do.
        counts: Runs that did what the claim says, of all runs, where that was counted.
    """

    MIME = "application/vnd.rootkappa.record+json"

    claim: Claim
    measured: Mapping[str, Measured]
    control_what: str
    control: Mapping[str, Measured]
    unmet: tuple[str, ...] = ()
    counts: Binomial | None = None

    @property
    def verdict(self) -> Verdict:
        """What came of the claim, by rule from the numbers as they are written."""
        accept = self.claim.accept or {}
        written = {
            n: _written.read_back(_written.describe(self.measured[n], accept[n])) for n in accept
        }
        return decide(self.claim.kind, accept, written, hypotheses=not self.unmet)

    @property
    def slack(self) -> float | None:
        """The ratio limit / measured of a bound's binding limit; None where there is no room."""
        accept = self.claim.accept or {}
        if self.claim.kind != "bound":
            return None
        room = all(inside(self.measured[name].value, accept[name]) for name in accept)
        return slack(self.measured, accept) if room else None

    def to_dict(self) -> dict[str, Any]:
        """Return the record as it travels in a chapter's output.

        Returns:
            A JSON object, its numbers rounded.
        """
        accept = self.claim.accept or {}
        control = {
            n: _written.describe(self.control[n], accept[n]) for n in self.control if n in accept
        }
        margin = self.slack
        return {
            "schema": SCHEMA,
            "id": self.claim.id,
            "digest": self.claim.digest,
            "chapter": self.claim.chapter,
            "verdict": str(self.verdict),
            "slack": None if margin is None else _written.rounded(margin),
            "measured": {
                name: _written.describe(self.measured[name], accept[name]) for name in accept
            },
            "control": {
                "what": self.control_what,
                "measured": control,
                "failed": failure(control),
            },
            "hypotheses": {"met": not self.unmet, "unmet": list(self.unmet)},
            "counts": None if self.counts is None else describe_binomial(self.counts),
        }

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
        return {"text/plain": str(self), "text/html": self.to_html(), self.MIME: self.to_dict()}


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
    return "\n".join(_line(name, entry) for name, entry in measured.items())


def failure(control: Mapping[str, Mapping[str, Any]]) -> str:
    """Write how a control failed.

    Args:
        control: Its measurements as `Record.to_dict` stores them.

    Returns:
        The quantities outside their intervals; empty when there is none.
    """
    return "; ".join(_line(name, entry) for name, entry in control.items() if not entry["inside"])


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
    return "" if data["slack"] is None else f"limit / measured = {_written.number(data['slack'])}"


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
    ends = _written.interval((counts["interval"][0], counts["interval"][1]))
    return f"{counts['successes']} of {counts['trials']} (95 % interval {ends})"


def describe_binomial(counts: Binomial) -> dict[str, Any]:
    """Describe counted runs as a record stores them.

    Args:
        counts: The runs.

    Returns:
        A JSON object with both counts and the interval, rounded.
    """
    ends = [_written.rounded(end) for end in counts.interval]
    return {"successes": counts.successes, "trials": counts.trials, "interval": ends}


def _line(name: str, entry: Mapping[str, Any]) -> str:
    accepted = _written.interval(_written.ends(entry["accept"]))
    return f"{label(name)}: {entry['text']} (accepted: {accepted})"


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
