"""`{moving} race` after a cell with a figure: where there is a script, one that moves replaces it.

The directive leaves a place in that figure, above its caption, for `book/_static/moving/race.js`,
with what that script reads: the looks of the methods, and the data that the figure carries
(`figures.show(..., data=...)`). `:data:` names a file beside the page instead, `:alt:` other words
than those of the figure. Without script, and on paper, the picture stays. A page loads the scripts
of its own figures only.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import matplotlib
import nbformat
import numpy as np
from docutils import nodes
from docutils.parsers.rst import directives
from matplotlib.colors import to_hex
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from rootkappa._files import write_atomically
from rootkappa.figures.shown import Shown
from rootkappa.figures.style import METHODS, OTHERS, Look

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx

LOGGER = logging.getLogger(__name__)
SCRIPTS = Path(__file__).resolve().parents[2] / "book" / "_static" / "moving"
SHARED = ("_figure.js", "_drawing.js", "_modes.js")
SCALE = "cividis_r"  # that of the atlas
_TAG = re.compile(
    r'\s*<script defer(?:="defer")? src="[^"]*_static/moving/(\w+\.js)(?:\?[^"]*)?"></script>'
)
_DEFER = re.compile(r'<script defer(?:="defer")?')
_FIGURE = re.compile(r'<figure class="rk-moving" data-figure="(\w+)">.*?</figure>', re.S)
_LINE_WIDTH = 1.6  # matplotlib's dashes are in units of it


class Moving(nodes.General, nodes.Element):
    """Where a figure goes that moves."""


class MovingDirective(SphinxDirective):
    """`{moving} name`, after the cell whose figure it replaces."""

    required_arguments = 1
    option_spec: ClassVar[dict[str, Any]] = {
        "data": directives.unchanged_required,
        "alt": directives.unchanged_required,
    }

    def run(self) -> list[nodes.Node]:
        """Leave the place."""
        name = self.arguments[0]
        if not (SCRIPTS / f"{name}.js").is_file():
            known = ", ".join(names())
            raise self.error(f"there is no figure {name!r} that moves: choose one of {known}.")
        node = Moving(figure=name, data=self._file(), alt=self.options.get("alt", ""))
        self.set_source_info(node)
        return [node]

    def _file(self) -> str:
        if "data" not in self.options:
            return ""
        relative, path = self.env.relfn2path(self.options["data"], self.env.docname)
        if not Path(path).is_file():
            raise self.error(f"there is no file {relative} with the data of a figure.")
        self.env.note_dependency(relative)
        return path


def names() -> list[str]:
    """List the figures that there are."""
    return [path.stem for path in sorted(SCRIPTS.glob("[!_]*.js"))]


def looks() -> dict[str, Any]:
    """Give the palette as scripts read it.

    Methods go by their name, what is no method by its number, and the scale of maps is "map".
    """
    others = {str(number): Look("", *other) for number, other in enumerate(OTHERS)}
    found: dict[str, Any] = {
        name: {"color": look.color, "marker": look.marker, "dash": _dash(look.linestyle)}
        for name, look in (METHODS | others).items()
    }
    shades = matplotlib.colormaps[SCALE](np.linspace(0, 1, 9))
    return found | {"map": {"colors": [to_hex(shade) for shade in shades]}}


def _dash(linestyle: Any) -> str:
    return "" if linestyle == "-" else " ".join(f"{_LINE_WIDTH * x:g}" for x in linestyle[1])


def markup(name: str, alt: str, data: Any) -> str:
    """Give the HTML that a script fills."""
    content = json.dumps({"looks": looks(), "alt": alt, "data": data}, separators=(",", ":"))
    # The only sign that could end the element.
    inside = content.replace("<", "\\u003c")
    return (
        f'<figure class="rk-moving" data-figure="{name}">'
        f'<script type="application/json">{inside}</script></figure>'
    )


def scripts(name: str) -> list[str]:
    """List the scripts that a figure needs, in order, as addresses among the static files."""
    return [f"moving/{file}" for file in (*SHARED, f"{name}.js")]


def _fill(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    for node in list(doctree.findall(Moving)):
        before = node.parent[node.parent.index(node) - 1]
        framed = next(before.findall(nodes.figure), None)
        alt, data = _carried(app, before, docname)
        node.parent.remove(node)
        if framed is None or not alt:
            LOGGER.warning(
                "%s moves, but no figure with a caption stands right before it: put it after the "
                "cell that draws.",
                node["figure"],
                location=node,
                type="rootkappa",
                subtype="moving",
            )
            continue
        if node["data"]:
            data = json.loads(Path(node["data"]).read_text(encoding="utf-8"))
        place = markup(node["figure"], node["alt"] or alt, data)
        framed.insert(1, nodes.raw("", place, format="html"))


def _carried(app: Sphinx, before: nodes.Node, docname: str) -> tuple[str, Any]:
    """Alt text and data of the figure that a cell shows."""
    for output in _outputs(app, before, docname):
        text = output.get("data", {}).get("text/plain", "")
        if text.startswith("Figure"):
            return text.partition(": ")[2], output["data"].get(Shown.MIME)
    return "", None


def _outputs(app: Sphinx, cell: nodes.Node, docname: str) -> Iterator[Any]:
    executed = Path(app.outdir).parent / "jupyter_execute" / f"{docname}.ipynb"
    if isinstance(cell, nodes.Element) and "cell_index" in cell and executed.is_file():
        yield from nbformat.read(executed, as_version=4).cells[cell["cell_index"]].outputs


def _load(
    app: Sphinx, _page: str, _template: str, _context: Any, doctree: nodes.document | None
) -> None:
    if doctree is None:
        return
    raw = [node.astext() for node in doctree.findall(nodes.raw)]
    for name in names():
        if any(f'data-figure="{name}"' in text for text in raw):
            for script in scripts(name):
                app.add_js_file(script, loading_method="defer")


def beside(page: str) -> str:
    """Put a page's scripts right after their figures.

    They then run before anything below is painted, and nothing that a reader sees is moved.
    """
    tags = {found[1]: _DEFER.sub("<script", found[0]) for found in _TAG.finditer(page)}

    def after(figure: re.Match[str]) -> str:
        wanted = [*SHARED, f"{figure[1]}.js"]
        return figure[0] + "".join(tags.pop(name, "") for name in wanted)

    return _FIGURE.sub(after, _TAG.sub("", page))


def _move(app: Sphinx, error: Exception | None) -> None:
    if error is not None or app.builder.format != "html":
        return
    for path in Path(app.outdir).rglob("*.html"):
        page = path.read_text(encoding="utf-8")
        if "data-figure=" in page and "<script defer" in page:
            write_atomically(path, beside(page))


def setup(app: Sphinx) -> None:
    """Register the directive and connect its steps."""
    app.connect("build-finished", _move)
    app.add_node(Moving)
    app.add_directive("moving", MovingDirective)
    app.connect("doctree-resolved", _fill)
    app.connect("html-page-context", _load)
