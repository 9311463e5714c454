"""The ledger as HTML: plain tables that read without style sheet and without script."""

from __future__ import annotations

from collections import Counter
from html import escape
from typing import TYPE_CHECKING, Any

from rootkappa.ledger import Book, Claim, Verdict, records

if TYPE_CHECKING:
    from collections.abc import Mapping

SOURCES = {
    "abstract": "read in the abstract",
    "poster": "read on the poster",
    "full-text": "read in the full text",
    "authors-code": "read in the authors' code",
    "recalled": "recalled, not read",
    "derived": "derived in this book",
}


def summary(book: Book) -> str:
    """Return how many claims have which verdict."""
    counts = Counter(book.verdict(claim_id) for claim_id in book.claims)
    order = [*map(str, Verdict), "missing", "open"]
    items = "".join(
        f"<li>{badge(verdict)} <strong>{counts[verdict]}</strong></li>"
        for verdict in order
        if counts[verdict]
    )
    settled = sum(counts.values()) - counts["open"] - counts["missing"]
    return (
        f'<div class="rk-summary"><p><strong>{settled}</strong> of {len(book.claims)} claims are '
        f'settled. <a href="../ledger.json">ledger.json</a> holds the same for machines.</p>'
        f'<ul>{items}</ul><div class="rk-filters" hidden></div></div>'
    )


def chapter(book: Book, slug: str, title: str, page: str) -> str:
    """Return the table of one chapter; `page` is its address, empty until it is written."""
    claims = [claim for claim in book.claims.values() if claim.chapter == slug]
    if not claims:
        return "<p>No claim yet.</p>"
    settled = [claim for claim in claims if book.verdict(claim.id) != "open"]
    waiting = [claim for claim in claims if book.verdict(claim.id) == "open"]
    return _settled(book, settled, title, page) + _waiting(waiting, title)


def _settled(book: Book, claims: list[Claim], title: str, page: str) -> str:
    if not claims:
        return ""
    head = ("Claim", "Verdict", "Measured against predicted", "Control")
    rows = "".join(_row(book, claim, page) for claim in claims)
    return _table(f"{title}: settled", head, rows)


def _waiting(claims: list[Claim], title: str) -> str:
    if not claims:
        return ""
    rows = "".join(
        f"<tr {_marks(claim, 'open')}>{_statement(claim, escape(claim.id))}"
        f"<td>{records.lines(claim.predicted)}</td><td>{records.lines(claim.control)}</td></tr>"
        for claim in claims
    )
    head = ("Claim", "Predicted", "Control")
    return _table(f"{title}: open until the chapter comes", head, rows)


def _row(book: Book, claim: Claim, page: str) -> str:
    record = book.records.get(claim.id)
    verdict = book.verdict(claim.id)
    name = escape(claim.id)
    link = f'<a href="{escape(page)}#{claim.anchor}">{name}</a>' if record and page else name
    return (
        f"<tr {_marks(claim, verdict)}>{_statement(claim, link)}"
        f"<td>{badge(verdict)}{_slack(record)}</td>"
        f"<td>{_measured(claim, record)}</td><td>{_control(claim, record)}</td></tr>"
    )


def _statement(claim: Claim, name: str) -> str:
    return (
        f'<th scope="row"><code>{name}</code><span class="rk-statement">'
        f"{records.lines(claim.statement)}</span><small>{escape(claim.paper)}; "
        f"{SOURCES[claim.source]}; {escape(claim.kind)}</small></th>"
    )


def _slack(record: Mapping[str, Any] | None) -> str:
    if record is None:
        return ""
    notes = [records.describe_slack(record), records.describe_counts(record)]
    unmet = record["hypotheses"]["unmet"]
    notes.append(f"not met: {'; '.join(unmet)}" if unmet else "")
    return "".join(f"<small>{escape(note)}</small>" for note in notes if note)


def _measured(claim: Claim, record: Mapping[str, Any] | None) -> str:
    text = f"<small>predicted</small>{records.lines(claim.predicted)}"
    if record is not None:
        shown = records.lines(records.describe_measured(record["measured"]))
        text += f"<small>measured</small>{shown}"
    return text + (f"<small>{escape(claim.note)}</small>" if claim.note else "")


def _control(claim: Claim, record: Mapping[str, Any] | None) -> str:
    if record is None:
        return records.lines(claim.control)
    return records.lines(records.describe_control(record))


def _marks(claim: Claim, verdict: str) -> str:
    anchor = "ledger-" + claim.id.replace("/", "-")
    papers = escape(" ".join(claim.papers))
    return f'id="{anchor}" data-verdict="{escape(verdict)}" data-papers="{papers}"'


def _table(caption: str, head: tuple[str, ...], rows: str) -> str:
    columns = "".join(f'<th scope="col">{name}</th>' for name in head)
    # A region that scrolls must take the keyboard's focus, and so must have a name.
    return (
        f'<div class="rk-scroll" role="region" tabindex="0" aria-label="{escape(caption)}">'
        f'<table class="rk-ledger"><caption>{escape(caption)}</caption>'
        f"<thead><tr>{columns}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def badge(verdict: str) -> str:
    """Return a verdict as a mark; the page knows one more than a record: missing."""
    if verdict == "missing":
        return '<span class="rk-verdict rk-verdict-missing">missing</span>'
    return records.badge(verdict)
