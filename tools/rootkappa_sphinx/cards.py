"""Verdict cards in a chapter's page: each leads to the ledger, and a section folds its code once.

A notebook shows a card below the code that made it. On a page the cards of a section stand
together, and all code of that section is one fold after them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode

from rootkappa.ledger import _words as words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sphinx.application import Sphinx

    from rootkappa.ledger import Book

LEDGER = "book/ledger"
_CARD = re.compile(r'<div class="rk-record [^"]*" id="([^"]+)"')


def linked(book: Book, html: str, address: str) -> str:
    """Write a notebook's card anew, with a link to its place in the ledger.

    Args:
        book: The claims and their records.
        html: The card, as the notebook has it.
        address: The ledger's page.

    Returns:
        The card; as it was where its claim has no valid record.
    """
    found = _CARD.search(html)
    for claim in book.claims.values():
        if found and claim.anchor == found[1] and claim.id in book.records:
            return words.card(claim, book.records[claim.id], address)
    return html


def fold(section: nodes.Element) -> None:
    """Move the code of a section's cells into one fold, after the last of them."""
    cells = [node for node in section.children if _is(node, "cell_code")]
    sources = [source for cell in cells for source in cell.findall(_is_source)]
    for source in sources:
        place = source.parent if isinstance(source.parent, HideCodeCellNode) else source
        place.parent.remove(place)
    for cell in cells:
        cell["classes"] = [name for name in cell["classes"] if not name.startswith("tag_hide")]
    show = HideCodeCellNode(
        prompt_show="Show the code of this section", prompt_hide="Hide the code"
    )
    show["classes"].append("above-input")
    show.extend(sources)
    after = nodes.container("", show, classes=["cell", "tag_hide-input"])
    section.insert(section.index(cells[-1]) + 1, after)


def _is(node: nodes.Node, element: str) -> bool:
    return isinstance(node, nodes.container) and node.get("nb_element") == element


def _is_source(node: nodes.Node) -> bool:
    return _is(node, "cell_code_source")


def _gather(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    cards = [node for node in doctree.findall(nodes.raw) if _CARD.search(node.astext())]
    if not cards or app.builder.format != "html":
        return
    book: Book = app.rootkappa_book  # type: ignore[attr-defined]
    listed = LEDGER in app.env.found_docs
    address = app.builder.get_relative_uri(docname, LEDGER) if listed else ""
    sections: dict[int, nodes.Element] = {}
    for node in cards:
        section = node.parent
        while not isinstance(section, nodes.section):
            section = section.parent
        sections[id(section)] = section
        node.replace_self(nodes.raw("", linked(book, node.astext(), address), format="html"))
    for section in sections.values():
        fold(section)


def setup(app: Sphinx) -> Mapping[str, Any]:
    """Connect the step: when the figures have found their cells."""
    app.connect("doctree-resolved", _gather, priority=600)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
