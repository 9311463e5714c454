"""The ledger at a glance: a letter a claim, by chapter and verdict, each a link to its card."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote_plus

from rootkappa.ledger import Book, Claim, Verdict
from rootkappa.ledger import _words as words

if TYPE_CHECKING:
    from collections.abc import Mapping

# In the order in which they are listed; the page knows two more than a record.
LETTERS = {
    Verdict.TIGHT: "T",
    Verdict.HOLDS: "H",
    Verdict.BEYOND: "B",
    Verdict.OUTSIDE: "F",
    Verdict.CONTRADICTED: "C",
    Verdict.UNSETTLED: "U",
    "missing": "M",
    "open": "O",
}


def badge(verdict: str) -> str:
    """Return a verdict as a mark; the page knows one more than a record: missing."""
    if verdict == "missing":
        return '<span class="rk-verdict rk-verdict-missing">missing</span>'
    return words.badge(verdict)


def legend(book: Book) -> str:
    """Return how many claims have which verdict; each verdict is a link that shows those alone."""
    found = [book.verdict(claim_id) for claim_id in book.claims]
    return "".join(
        f'<li><a class="rk-choose" href="?verdict={quote_plus(verdict)}"><strong>{letter}</strong> '
        f"{badge(verdict)} <strong>{found.count(verdict)}</strong></a></li>"
        for verdict, letter in LETTERS.items()
        if verdict in found
    )


def glance(book: Book, chapters: Mapping[str, str]) -> str:
    """Return the letters of all claims, a row a chapter, in the order of the verdicts."""
    rows = "".join(_row(book, slug, title) for slug, title in chapters.items())
    return (
        '<table class="rk-glance"><caption>Every claim: a letter leads to its card</caption>'
        f"<tbody>{rows}</tbody></table>"
    )


def _row(book: Book, slug: str, title: str) -> str:
    order = list(LETTERS)
    claims = [claim for claim in book.claims.values() if claim.chapter == slug]
    claims.sort(key=lambda claim: order.index(book.verdict(claim.id)))
    if not claims:
        return ""
    cells = "".join(_cell(claim, book.verdict(claim.id)) for claim in claims)
    name = f'<a href="#ledger-{escape(slug)}">{escape(title)}</a>'
    return f'<tr><th scope="row">{name}</th><td>{cells}</td></tr>'


def _cell(claim: Claim, verdict: str) -> str:
    letter, name = LETTERS[verdict], escape(claim.id.partition("/")[2])
    slug = verdict if verdict in ("missing", "open") else Verdict(verdict).slug
    said = f"{name}: {escape(verdict)}"
    return (
        f'<a class="rk-cell rk-verdict-{slug}" href="#{claim.anchor}" title="{said}" '
        f'aria-label="{letter}, {said}">{letter}</a>'
    )
