"""The ledger page and ledger.json, made from the outputs of the executed chapters.

`{ledger}` becomes one section a chapter, so that the table of contents knows them. Each holds a
placeholder that is filled when the page is written, after every chapter has run.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from rootkappa import ledger
from rootkappa._files import write_atomically
from rootkappa.ledger.claims import read_chapters
from rootkappa_sphinx import ledger_html
from rootkappa_sphinx.papers import cited

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

LOGGER = logging.getLogger(__name__)
CLAIMS = "book/claims.toml"
PARTS = ("glance", "cards")
SCRIPT = Path(__file__).with_name("ledger_filter.js")


class LedgerPart(nodes.General, nodes.Element):
    """Where a part of the ledger goes: the glance, the filters, or one chapter's cards."""


class LedgerDirective(SphinxDirective):
    """`{ledger}`: all claims at a glance and grouped by chapter, or `{ledger} glance` and `cards`.

    The sections of the chapters end a page, so what explains the cards stands between the two.
    """

    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Leave a section with a placeholder for each chapter."""
        path = Path(self.env.srcdir) / CLAIMS
        self.env.note_dependency(str(path))
        _pages(self.env).add(self.env.docname)
        chapters = read_chapters(path)
        asked = set(self.arguments) or set(PARTS)
        if not asked <= set(PARTS):
            raise self.error(f"no part {self.arguments[0]!r}: choose one of {', '.join(PARTS)}.")
        parts: list[nodes.Node] = [
            LedgerPart(part=part, chapters=chapters) for part in PARTS if part in asked
        ]
        for slug, title in chapters.items() if "cards" in asked else ():
            section = nodes.section(ids=[f"ledger-{slug}"], names=[])
            section += nodes.title(title, title)
            section += LedgerPart(part=slug)
            parts.append(section)
        return parts


def _pages(env: BuildEnvironment) -> set[str]:
    if not hasattr(env, "rootkappa_ledger_pages"):
        # Sphinx keeps an extension's state as attributes that its types do not know; so below.
        env.rootkappa_ledger_pages = set()  # type: ignore[attr-defined]
    pages: set[str] = env.rootkappa_ledger_pages  # type: ignore[attr-defined]
    return pages


def _forget(_app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    _pages(env).discard(docname)


def _merge(_app: Sphinx, env: BuildEnvironment, _docs: Sequence[str], other: Any) -> None:
    _pages(env).update(_pages(other))


def _outdated(_app: Sphinx, env: BuildEnvironment, *_sets: set[str]) -> list[str]:
    """Write the ledger again in every build: any chapter may have changed it."""
    return sorted(_pages(env) & env.found_docs)


def collect(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Collect the records of all executed chapters once everything is read, and warn of errors."""
    claims = ledger.read_claims(Path(app.srcdir) / CLAIMS)
    executed = Path(app.outdir).parent / "jupyter_execute"
    notebooks = [executed / f"{docname}.ipynb" for docname in sorted(env.found_docs)]
    book = ledger.Book.collect(claims, [path for path in notebooks if path.is_file()])
    app.rootkappa_book = book  # type: ignore[attr-defined]
    for error in book.errors:
        LOGGER.warning("ledger: %s", error, type="rootkappa", subtype="ledger")
    return []


def _fill(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put the parts in their places."""
    book: ledger.Book = app.rootkappa_book  # type: ignore[attr-defined]
    env = app.builder.env
    parts = list(doctree.findall(LedgerPart))
    papers = cited(app, docname) if parts else {}
    for node in parts:
        if node["part"] == "glance":
            html = ledger_html.summary(book, node["chapters"])
        elif node["part"] == "cards":
            html = ledger_html.FILTERS + f"<script>{SCRIPT.read_text('utf-8')}</script>"
        else:
            target = f"book/{node['part']}"
            page = ""
            if target in env.found_docs:
                page = app.builder.get_relative_uri(docname, target).partition("#")[0]
            html = ledger_html.chapter(book, node["part"], page, papers)
        node.replace_self(nodes.raw("", html, format="html"))


def _write_json(app: Sphinx, error: Exception | None) -> None:
    if error is not None or app.builder.format != "html":
        return
    # Only here: it imports torch, which the page itself does not need.
    from rootkappa.devices import environment

    book: ledger.Book = app.rootkappa_book  # type: ignore[attr-defined]
    text = book.to_json(environment())
    write_atomically(Path(app.outdir) / "ledger.json", text)


def _is_not_ours(record: Any) -> bool:
    return "application/vnd.rootkappa." not in record.getMessage()


def _keep_quiet(app: Sphinx) -> None:
    """Let records and data of figures pass: myst-nb warns of outputs that it cannot draw.

    Suppressing that kind of warning altogether would hide an output that a reader should see.
    """
    del app
    import logging as standard

    for handler in standard.getLogger("sphinx").handlers:
        handler.filters.insert(0, _is_not_ours)


def setup(app: Sphinx) -> None:
    """Register the directive and connect its steps."""
    app.add_node(LedgerPart)
    app.add_directive("ledger", LedgerDirective)
    app.connect("builder-inited", _keep_quiet)
    app.connect("env-purge-doc", _forget)
    app.connect("env-merge-info", _merge)
    app.connect("env-get-outdated", _outdated)
    app.connect("env-updated", collect)
    app.connect("doctree-resolved", _fill)
    app.connect("build-finished", _write_json)
