"""The ledger as HTML: plain tables that read without style sheet and without script."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from rootkappa.ledger import Book, Claim
from rootkappa.ledger import _words as words
from rootkappa_sphinx.ledger_glance import anchor, badge, glance, legend
from rootkappa_sphinx.papers import Paper

if TYPE_CHECKING:
    from collections.abc import Mapping


FILTERS = '<div class="rk-filters" hidden></div>'


def summary(book: Book, chapters: Mapping[str, str]) -> str:
    """Return how many claims have which verdict, and all of them at a glance."""
    found = [book.verdict(claim_id) for claim_id in book.claims]
    settled = sum(verdict not in ("open", "missing") for verdict in found)
    return (
        f'<div class="rk-summary"><p><strong>{settled}</strong> of {len(found)} claims are '
        f'settled. <a href="../ledger.json">ledger.json</a> holds the same for machines.</p>'
        f"<ul>{legend(book)}</ul>{glance(book, chapters)}</div>"
    )


def chapter(book: Book, slug: str, title: str, page: str, papers: Mapping[str, Paper]) -> str:
    """Return the table of one chapter.

    Args:
        book: The claims and their records.
        slug: Which chapter.
        title: What it is called.
        page: Its address, empty until it is written.
        papers: What the claims cite, by key; a key that is missing stays as it is.
    """
    claims = [claim for claim in book.claims.values() if claim.chapter == slug]
    if not claims:
        return "<p>No claim yet.</p>"
    settled = [claim for claim in claims if book.verdict(claim.id) != "open"]
    waiting = [claim for claim in claims if book.verdict(claim.id) == "open"]
    rows = "".join(_row(book, claim, page, papers) for claim in settled)
    return _settled(rows, title) + _waiting(waiting, title, papers)


def _settled(rows: str, title: str) -> str:
    if not rows:
        return ""
    head = ("Claim", "Verdict", "Measured against predicted", "Control")
    return _table(f"{title}: settled", head, rows)


def _waiting(claims: list[Claim], title: str, papers: Mapping[str, Paper]) -> str:
    if not claims:
        return ""
    rows = "".join(
        f"<tr {_marks(claim, 'open', papers)}>{_statement(claim, escape(claim.id), papers)}"
        f"<td>{words.lines(claim.predicted)}</td><td>{words.lines(claim.control)}</td></tr>"
        for claim in claims
    )
    head = ("Claim", "Predicted", "Control")
    return _table(f"{title}: open until the chapter comes", head, rows)


def _row(book: Book, claim: Claim, page: str, papers: Mapping[str, Paper]) -> str:
    record = book.records.get(claim.id)
    verdict = book.verdict(claim.id)
    name = escape(claim.id)
    link = f'<a href="{escape(page)}#{claim.anchor}">{name}</a>' if record and page else name
    return (
        f"<tr {_marks(claim, verdict, papers)}>{_statement(claim, link, papers)}"
        f"<td>{badge(verdict)}{_notes(claim, record)}</td>"
        f"<td>{_measured(claim, record)}</td><td>{_control(claim, record)}</td></tr>"
    )


def _statement(claim: Claim, name: str, papers: Mapping[str, Paper]) -> str:
    sources = "; ".join(_paper(key, papers).html for key in claim.papers)
    return (
        f'<th scope="row"><code>{name}</code><span class="rk-statement">'
        f"{words.lines(claim.statement)}</span><small>{sources}{_page(claim)}; "
        f"{claim.source.words}; {escape(claim.kind)}</small>{_second(claim)}</th>"
    )


def _page(claim: Claim) -> str:
    return f", {escape(claim.page)}" if claim.page else ""


def _second(claim: Claim) -> str:
    if claim.second is None:
        return ""
    test = "none" if claim.second == "none" else f"<code>{escape(claim.second)}</code>"
    return f"<small>second check: {test}</small>"


def _notes(claim: Claim, record: Mapping[str, Any] | None) -> str:
    if record is None:
        return ""
    notes = [words.population(claim, record), words.slack(claim, record)]
    if record["hypotheses"]["checked"]:
        notes.append(f"hypotheses {words.hypotheses(record)}")
    return "".join(f"<small>{escape(note)}</small>" for note in notes if note)


def _measured(claim: Claim, record: Mapping[str, Any] | None) -> str:
    kind = words.prediction(claim)
    text = f"<small>predicted</small>{words.lines(claim.predicted)}"
    text += f"<small>{escape(kind)}</small>" if kind else ""
    for name in ("measured", "attained"):
        if record is not None and record[name]:
            text += f"<small>{name}</small>{words.lines(words.measured(record[name]))}"
    return text + (f"<small>{escape(claim.note)}</small>" if claim.note else "")


def _control(claim: Claim, record: Mapping[str, Any] | None) -> str:
    if record is None:
        return words.lines(claim.control)
    return words.lines(words.control(record))


def _marks(claim: Claim, verdict: str, papers: Mapping[str, Paper]) -> str:
    names = escape("|".join(_paper(key, papers).name for key in claim.papers))
    return f'id="{anchor(claim)}" data-verdict="{escape(verdict)}" data-papers="{names}"'


def _paper(key: str, papers: Mapping[str, Paper]) -> Paper:
    return papers.get(key, Paper(key, ""))


def _table(caption: str, head: tuple[str, ...], rows: str) -> str:
    columns = "".join(f'<th scope="col">{name}</th>' for name in head)
    # A region that scrolls must take the keyboard's focus, and so must have a name.
    return (
        f'<div class="rk-scroll" role="region" tabindex="0" aria-label="{escape(caption)}">'
        f'<table class="rk-ledger"><caption>{escape(caption)}</caption>'
        f"<thead><tr>{columns}</tr></thead><tbody>{rows}</tbody></table></div>"
    )
