"""Citation keys as a reader wants them: authors and year, with a link to the bibliography."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, NamedTuple, cast

if TYPE_CHECKING:
    from pybtex.database import Entry
    from sphinx.application import Sphinx
    from sphinxcontrib.bibtex.domain import BibtexDomain

_WITHOUT_A_PAPER = {"ours": "this book", "classical": "classical"}
_MOST_NAMES = 3


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
        name = _authors_and_year(citation.entry)
        papers[citation.key] = Paper(name, f"{page}#{citation.citation_id}")
    return papers


def _authors_and_year(entry: Entry) -> str:
    names = [" ".join(map(str, person.rich_last_names)) for person in entry.persons["author"]]
    if len(names) > _MOST_NAMES:
        authors = f"{names[0]} et al."
    else:
        authors = " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)
    return f"{authors} ({entry.fields['year']})"
