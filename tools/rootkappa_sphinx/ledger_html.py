"""The ledger as HTML: a card a claim, which folds to its statement and needs no style sheet."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from rootkappa.ledger import Book, Claim, Verdict
from rootkappa.ledger import _words as words
from rootkappa.ledger._typeset import typeset
from rootkappa_sphinx.ledger_glance import badge, glance, legend
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


def chapter(book: Book, slug: str, page: str, papers: Mapping[str, Paper]) -> str:
    """Return the cards of one chapter.

    Args:
        book: The claims and their records.
        slug: Which chapter.
        page: Its address, empty until it is written.
        papers: What the claims cite, by key; a key that is missing stays as it is.
    """
    claims = [claim for claim in book.claims.values() if claim.chapter == slug]
    return "".join(_card(book, claim, page, papers) for claim in claims) or "<p>No claim yet.</p>"


def _card(book: Book, claim: Claim, page: str, papers: Mapping[str, Paper]) -> str:
    verdict, record = book.verdict(claim.id), book.records.get(claim.id)
    names = escape("|".join(_paper(key, papers).name for key in claim.papers))
    slug = Verdict(verdict).slug if record else verdict
    return (
        f'<details class="rk-claim rk-record-{slug}" id="{claim.anchor}" '
        f'data-verdict="{escape(verdict)}" data-papers="{names}"><summary>{badge(verdict)} '
        f'<span class="rk-statement">{typeset(claim.statement)}</span></summary>'
        f'<p class="rk-source">{_name(claim, page if record else "")} {_source(claim, papers)}</p>'
        f"{words.table(_rows(claim, record))}</details>"
    )


def _name(claim: Claim, page: str) -> str:
    name = f"<code>{claim.id}</code>"
    name = f'<a href="{escape(page)}#{claim.anchor}">{name}</a>' if page else name
    return f'{name} <a class="rk-permalink" href="#{claim.anchor}" title="Link to this claim">#</a>'


def _source(claim: Claim, papers: Mapping[str, Paper]) -> str:
    sources = "; ".join(_paper(key, papers).html for key in claim.papers)
    page = f", {escape(claim.page)}" if claim.page else ""
    return f"{sources}{page}; {claim.source.words}; {escape(claim.kind)}"


def _rows(claim: Claim, record: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    if record is None:
        found = [("predicted", claim.predicted), ("control", claim.control)]
    else:
        found = [row for row in words.rows(claim, record) if row[0] not in ("verdict", "statement")]
    return found + ([("note", claim.note)] if claim.note else [])


def _paper(key: str, papers: Mapping[str, Paper]) -> Paper:
    return papers.get(key, Paper(key, ""))
