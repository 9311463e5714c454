"""Citations that tell papers apart: 2022a and 2022b, in the text as in the list.

Papers whose authors read alike and whose year is the same get letters, in the order of their keys.
The list is labelled with what the text says, and its titles render their mathematics.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from string import ascii_lowercase
from typing import TYPE_CHECKING, Any, cast

from docutils import nodes
from pybtex.plugin import register_plugin
from pybtex.style.formatting.plain import Style as Plain
from pybtex.style.labels import BaseLabelStyle

if TYPE_CHECKING:
    from pybtex.database import Entry
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment
    from sphinxcontrib.bibtex.domain import BibtexDomain

STYLE = "rootkappa"
_MOST_NAMES = 2
_MATHS = re.compile(r"\$([^$]+)\$")


class Labels(BaseLabelStyle):
    """Label an entry with authors and year."""

    def format_labels(self, entries: Iterable[Entry]) -> Iterator[str]:
        """Give one label after the other."""
        for entry in entries:
            yield f"{authors(entry)} {entry.fields.get('year', '')}".strip()


class Style(Plain):
    """pybtex's plain style, with those labels."""

    default_label_style = Labels


def authors(entry: Entry, most: int = _MOST_NAMES) -> str:
    """Give the authors: all of at most `most`, else the first. The text names at most two."""
    persons = entry.persons.get("author") or entry.persons.get("editor") or []
    names = [" ".join(map(str, person.rich_last_names)) for person in persons]
    if len(names) > most:
        return f"{names[0]} et al."
    joined = " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
    return joined or str(entry.fields.get("title", entry.key))


def tell_apart(entries: Iterable[Entry]) -> None:
    """Give letters to the years of entries that would read alike. Twice does no more than once."""
    alike: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in entries:
        alike[authors(entry), entry.fields.get("year", "")[:4]].append(entry)
    for (_, year), several in alike.items():
        if year and len(several) > 1:
            for letter, entry in zip(ascii_lowercase, sorted(several, key=_key), strict=False):
                entry.fields["year"] = year + letter


def _key(entry: Entry) -> str:
    return str(entry.key)


def _before_reading(_app: Sphinx, env: BuildEnvironment, _docnames: list[str]) -> None:
    if "cite" in env.domains:
        domain = cast("BibtexDomain", env.get_domain("cite"))
        tell_apart(domain.bibdata.data.entries.values())


def _typeset(_app: Sphinx, doctree: nodes.document, _docname: str) -> None:
    for citation in doctree.findall(nodes.citation):
        for text in list(citation.findall(nodes.Text)):
            if _MATHS.search(text):
                text.parent.replace(text, list(_parts(str(text))))
    for link in doctree.findall(nodes.reference):
        if "reftitle" in link:  # what a browser shows as plain text
            link["reftitle"] = _MATHS.sub(r"\1", link["reftitle"])


def _parts(text: str) -> Iterator[nodes.Node]:
    for number, part in enumerate(_MATHS.split(text)):
        if part:
            yield nodes.math(part, part) if number % 2 else nodes.Text(part)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the style and connect the steps."""
    register_plugin("pybtex.style.labels", STYLE, Labels)
    register_plugin("pybtex.style.formatting", STYLE, Style)
    app.connect("env-before-read-docs", _before_reading)
    app.connect("doctree-resolved", _typeset)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
