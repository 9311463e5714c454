"""`{moving} race` after a cell with a figure: where there is a script, one that moves replaces it.

The directive leaves a place for `book/_static/moving/race.js`, with what that script reads: the
looks of the methods, and the data that the cell's figure carries (`figures.show(..., data=...)`).
`:data:` names a file beside the page instead, `:alt:` other words than those of the cell's figure.
Without script, and on paper, that figure stays. A page loads the scripts of its own figures only.
"""

from __future__ import annotations

import json
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

from rootkappa.figures.shown import Shown
from rootkappa.figures.style import METHODS, OTHERS, Look

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx

LOGGER = logging.getLogger(__name__)
SCRIPTS = Path(__file__).resolve().parents[2] / "book" / "_static" / "moving"
SHARED = ("_figure.js", "_drawing.js", "_modes.js")
SCALE = "cividis_r"  # that of the atlas
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
        alt, data = _carried(app, node, docname)
        if node["data"]:
            data = json.loads(Path(node["data"]).read_text(encoding="utf-8"))
        node.replace_self(
            nodes.raw("", markup(node["figure"], node["alt"] or alt, data), format="html")
        )


def _carried(app: Sphinx, node: Moving, docname: str) -> tuple[str, Any]:
    """Alt text and data of the figure that the cell before shows."""
    before = node.parent[node.parent.index(node) - 1]
    for output in _outputs(app, before, docname):
        text = output.get("data", {}).get("text/plain", "")
        if text.startswith("Figure"):
            return text.partition(": ")[2], output["data"].get(Shown.MIME)
    LOGGER.warning(
        "%s moves, but no figure stands right before it: put it after the cell that draws.",
        node["figure"],
        location=node,
        type="rootkappa",
        subtype="moving",
    )
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


def setup(app: Sphinx) -> None:
    """Register the directive and connect its steps."""
    app.add_node(Moving)
    app.add_directive("moving", MovingDirective)
    app.connect("doctree-resolved", _fill)
    app.connect("html-page-context", _load)
