"""The role `tally`: how many claims have which verdict, counted when the page is written.

With the name of a chapter it counts the claims of that chapter, with `book` all of them. Each
verdict leads to its claims in the ledger.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole

from rootkappa_sphinx.ledger_glance import LETTERS, badge

if TYPE_CHECKING:
    from sphinx.application import Sphinx

    from rootkappa.ledger import Book

LOGGER = logging.getLogger(__name__)
ALL = "book"
PAGE = "book/ledger"


class Tally(nodes.General, nodes.Inline, nodes.Element):
    """Where the counts go."""


class TallyRole(SphinxRole):
    """`tally`, with a chapter or `book`."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Leave the place."""
        node = Tally(chapter=self.text)
        self.set_source_info(node)
        return [node], []


def counts(book: Book, chapter: str) -> dict[str, int]:
    """Count the claims of a chapter, or of the whole book, by verdict, in the ledger's order."""
    found = [
        book.verdict(claim.id) for claim in book.claims.values() if chapter in (ALL, claim.chapter)
    ]
    return {str(verdict): found.count(verdict) for verdict in LETTERS if verdict in found}


def html(told: dict[str, int], page: str) -> str:
    """Write counts as a line of marks.

    Args:
        told: How many claims have which verdict.
        page: The ledger's address, empty where there is none.
    """
    marks = (
        f'<a href="{escape(page)}?verdict={quote_plus(verdict)}">{count} {badge(verdict)}</a>'
        if page
        else f"{count} {badge(verdict)}"
        for verdict, count in told.items()
    )
    total = sum(told.values())
    claims = "claim" if total == 1 else "claims"
    return f'<span class="rk-tally"><strong>{total} {claims}</strong>: {", ".join(marks)}</span>'


def _fill(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    for node in list(doctree.findall(Tally)):
        told = counts(app.rootkappa_book, node["chapter"])  # type: ignore[attr-defined]
        if not told:
            LOGGER.warning(
                "no claim of %r to count: name a chapter of claims.toml, or %r.",
                node["chapter"],
                ALL,
                location=node,
                type="rootkappa",
                subtype="tally",
            )
        known = PAGE in app.builder.env.found_docs
        page = app.builder.get_relative_uri(docname, PAGE).partition("#")[0] if known else ""
        node.replace_self(nodes.raw("", html(told, page), format="html"))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the role; the ledger's page collects the book."""
    app.add_node(Tally)
    app.add_role("tally", TallyRole())
    app.connect("doctree-resolved", _fill)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
