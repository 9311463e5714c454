"""Citation keys as a reader wants them: authors and year, with a link to the bibliography."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, NamedTuple, cast

from rootkappa_sphinx.citations import authors

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinxcontrib.bibtex.domain import BibtexDomain

_MOST_NAMES = 3
_WITHOUT_A_PAPER = {"ours": "this book", "classical": "classical"}


class Paper(NamedTuple):
    """Authors and year, and the address of the entry; empty where there is none."""

    name: str
    address: str

    @property
    def html(self) -> str:
        """The name, as a link if there is an address."""
        text = escape(self.name)
        return f'<a href="{escape(self.address)}">{text}</a>' if self.address else text


def cited(app: Sphinx, docname: str) -> dict[str, Paper]:
    """Return all papers by key, with addresses as a page needs them.

    A key that no bibliography of the book holds is not among them.
    """
    papers = {key: Paper(name, "") for key, name in _WITHOUT_A_PAPER.items()}
    if "cite" not in app.env.domains:
        return papers
    domain = cast("BibtexDomain", app.env.get_domain("cite"))
    for citation in domain.citations:
        listed = citation.bibliography_key.docname
        page = app.builder.get_relative_uri(docname, listed).partition("#")[0]
        name = f"{authors(citation.entry, _MOST_NAMES)} ({citation.entry.fields['year']})"
        papers[citation.key] = Paper(name, f"{page}#{citation.citation_id}")
    return papers
