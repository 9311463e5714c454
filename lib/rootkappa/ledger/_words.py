"""Stored records in words, for cards and for the ledger page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from rootkappa.ledger._typeset import typeset
from rootkappa.ledger._written import ends, interval, number, rounded
from rootkappa.ledger.claims import FORMULA, Claim
from rootkappa.ledger.hypotheses import Hypotheses
from rootkappa.ledger.measurements import Binomial
from rootkappa.ledger.verdicts import Verdict


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
        HTML; of several lines, a block each.
    """
    found = [typeset(line) for line in text.split("\n")]
    return "".join(f"<div>{line}</div>" for line in found) if found[1:] else found[0]


def label(claim: Claim, name: str) -> str:
    """Return what a reader is told that a quantity is.

    Args:
        claim: The claim.
        name: The quantity's key in `accept`.

    Returns:
        The phrase that the claim has for it, or its name in words; it begins a line.
    """
    phrase = claim.names.get(name, name.replace("_", " "))
    return phrase[0].upper() + phrase[1:]


def measured(claim: Claim, entries: Mapping[str, Mapping[str, Any]]) -> str:
    """Write stored measurements, a line each.

    Args:
        claim: The claim.
        entries: Measurements as `Record.to_dict` stores them.

    Returns:
        "Name: value (accepted: interval)" in each line.
    """
    return "\n".join(_line(claim, name, entry) for name, entry in entries.items())


def failure(entries: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Name what made a control fail.

    Args:
        entries: Its measurements as `Record.to_dict` stores them.

    Returns:
        The quantities outside their intervals, in any draw.
    """
    return [name for name, entry in entries.items() if entry["inside"] < entry.get("draws", 1)]


def control(claim: Claim, data: Mapping[str, Any]) -> str:
    """Write what the control of a stored record was, what it breaks and how it failed.

    Args:
        claim: The claim.
        data: A record as `Record.to_dict` stores it.

    Returns:
        A line each.
    """
    told = data["control"]
    parts = [told["what"]]
    if told["breaks"] is not None:
        parts.append(breaks(told["breaks"]))
    parts += [_line(claim, name, told["measured"][name]) for name in told["failed"]]
    if told["draws"] is not None:
        parts.append(f"failed in {share(told['draws'])} draws")
    return "\n".join(parts)


def breaks(hypothesis: str) -> str:
    """Write what a control breaks.

    Args:
        hypothesis: The hypothesis, or "formula".

    Returns:
        A phrase.
    """
    planted = hypothesis == FORMULA
    return "a mistake planted in the formula" if planted else f"breaks: {hypothesis}"


def slack(claim: Claim, data: Mapping[str, Any]) -> str:
    """Write how far a bound is from its nearest limit.

    Args:
        claim: The claim.
        data: A record as `Record.to_dict` stores it.

    Returns:
        A phrase; empty when there is none.
    """
    if data["slack"] is None:
        return ""
    where = f", where {claim.nontrivial}" if claim.nontrivial else ""
    return f"a factor {number(data['slack'])} from the nearest limit{where}"


def population(claim: Claim, data: Mapping[str, Any]) -> str:
    """Write in how many draws a claim's check held.

    Args:
        claim: The claim.
        data: A record as `Record.to_dict` stores it.

    Returns:
        A phrase; empty when nothing was measured draw by draw.
    """
    told = data["population"]
    if told is None or claim.population is None:
        return ""
    accepted = interval(claim.population.share)
    return f"holds in {share(told)} draws of {told['of']} (accepted share: {accepted})"


def prediction(claim: Claim) -> str:
    """Write where a prediction comes from.

    Args:
        claim: The claim.

    Returns:
        A phrase; empty when the claim does not say.
    """
    page = f", {claim.page}" if claim.page else ""
    kinds = {
        "derived": "derived: computed in the chapter from a formula",
        "printed": f"printed in the paper{page}",
        "piloted": "piloted: measured before, on other draws",
    }
    return kinds.get(claim.prediction or "", "")


def hypotheses(data: Mapping[str, Any]) -> str:
    """Write in how many draws the hypotheses were met.

    Args:
        data: A record as `Record.to_dict` stores it.

    Returns:
        A phrase.
    """
    told = data["hypotheses"]
    return str(Hypotheses(told["checked"], told["met"], told["unmet"]))


def binomial(counts: Binomial) -> dict[str, Any]:
    """Describe counted runs as a record stores them.

    Args:
        counts: The runs.

    Returns:
        A JSON object with both counts and the interval, rounded.
    """
    ends = [rounded(end) for end in counts.interval]
    return {"successes": counts.successes, "trials": counts.trials, "interval": ends}


def share(counts: Mapping[str, Any]) -> str:
    """Write counted runs.

    Args:
        counts: What `binomial` stores.

    Returns:
        "20 of 20 (95 % interval 0.832 to 1)".
    """
    low, high = counts["interval"]
    return f"{counts['successes']} of {counts['trials']} (95 % interval {interval((low, high))})"


def rows(claim: Claim, data: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return all that a card says, name and text in each row.

    Args:
        claim: The claim.
        data: Its record as `Record.to_dict` stores it.

    Returns:
        The rows that have something to say.
    """
    found = [
        ("verdict", data["verdict"]),
        ("statement", claim.statement),
        ("predicted", "\n".join(filter(None, [claim.predicted, prediction(claim)]))),
        ("measured", measured(claim, data["measured"])),
        ("attained", measured(claim, data["attained"])),
        ("room", slack(claim, data)),
        ("population", population(claim, data)),
        ("hypotheses", hypotheses(data)),
        ("control", control(claim, data)),
        ("second check", claim.second or ""),
    ]
    return [(name, text) for name, text in found if text]


def table(found: Iterable[tuple[str, str]]) -> str:
    """Return rows of a card as HTML.

    Args:
        found: Name and text of each row.

    Returns:
        A table.
    """
    cells = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{lines(text)}</td></tr>'
        for name, text in found
    )
    return f'<table class="rk-table"><tbody>{cells}</tbody></table>'


def card(claim: Claim, data: Mapping[str, Any], ledger: str = "") -> str:
    """Return a settled claim as a card that the book's style sheet dresses.

    Args:
        claim: The claim.
        data: Its record as `Record.to_dict` returns it.
        ledger: The address of the ledger's page, where there is one.

    Returns:
        One HTML element, readable without any style.
    """
    found = [row for row in rows(claim, data) if row[0] not in ("verdict", "statement")]
    also = f' <a href="{escape(ledger)}#{claim.anchor}">in the ledger</a>' if ledger else ""
    name = f'<a class="rk-permalink" href="#{claim.anchor}"><code>{claim.id}</code></a>'
    return (
        f'<div class="rk-record rk-record-{Verdict(data["verdict"]).slug}" id="{claim.anchor}">'
        f'<p class="rk-head">{name} {badge(data["verdict"])}{also}</p>'
        f'<p class="rk-statement">{typeset(claim.statement)}</p>'
        f"{table(found)}</div>"
    )


def _line(claim: Claim, name: str, entry: Mapping[str, Any]) -> str:
    accepted = interval(ends(entry["accept"]))
    return f"{label(claim, name)}: {entry['text']} (accepted: {accepted})"
