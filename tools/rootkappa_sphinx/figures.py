"""Figures on the page: alt text, a number and a caption, code below, and the result beforehand.

A cell that draws has its caption in its options, which Sphinx numbers through the whole book:

    ---
    tags: [hide-input]
    mystnb:
      figure:
        name: fig-quadratics-steps
        caption: "**Steps against the condition number.** What to see."
    ---

`{numref}` refers to the name. `{result} fig-quadratics-steps` shows that figure where a chapter
begins, as a link to its place; its content says what came out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

if TYPE_CHECKING:
    from sphinx.application import Sphinx

LOGGER = logging.getLogger(__name__)
PREFIX = re.compile(r"Figure(?:, \d+ panels across)?: ")


class FigureAltText(SphinxPostTransform):
    """Give each figure the alt text that `rootkappa.figures.show` printed beside it."""

    default_priority = 3  # before myst-nb (4) drops all but one content of each output

    def run(self, **kwargs: Any) -> None:
        """Run over all outputs of the document."""
        for bundle in self.document.findall(nodes.container):
            if bundle.get("nb_element") == "mime_bundle":
                _describe(bundle)


def _describe(bundle: nodes.container) -> None:
    contents = {child["mime_type"]: child for child in bundle.children}
    if "image/png" not in contents or "text/plain" not in contents:
        return
    text = contents["text/plain"].astext().strip()
    prefix = PREFIX.match(text)
    if prefix is None:
        return
    if isinstance(bundle.parent, nodes.figure):
        bundle.parent["classes"].append("rk-framed")
    for image in list(contents["image/png"].findall(nodes.image)):
        image["alt"] = " ".join(text[prefix.end() :].split())
        image["classes"].append("rk-figure")
        # A fixed height would stretch it where a narrow page takes its width.
        image.attributes.pop("height", None)
        # What scrolls where a page is too narrow for the text in the figure; its caption does not.
        frame = nodes.container(classes=["rk-picture"])
        image.parent.replace(image, frame)
        frame += image


class Result(nodes.General, nodes.Element):
    """Where a figure is shown beforehand."""


class ResultDirective(SphinxDirective):
    """`{result} name`, with a sentence as its content."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Leave the place."""
        node = Result(figure=nodes.make_id(self.arguments[0]))
        self.set_source_info(node)
        self.state.nested_parse(self.content, self.content_offset, node)
        return [node]


class ShowResult(SphinxPostTransform):
    """Put the picture of the figure there; its number and caption stay where it is discussed."""

    default_priority = 100  # after myst-nb has dropped what is not drawn

    def run(self, **kwargs: Any) -> None:
        """Run over all places of the document."""
        for node in list(self.document.findall(Result)):
            picture = self._picture(node)
            node.replace_self(nodes.container("", *picture, *node.children, classes=["rk-result"]))

    def _picture(self, node: Result) -> list[nodes.Node]:
        framed = [f for f in self.document.findall(nodes.figure) if node["figure"] in f["ids"]]
        for image in (image for figure in framed for image in figure.findall(nodes.image)):
            link = nodes.reference("", "", image.deepcopy(), refid=node["figure"], internal=True)
            return [nodes.paragraph("", "", link, classes=["rk-picture"])]
        LOGGER.warning(
            "this page has no figure %r to show beforehand: name one of its cells so.",
            node["figure"],
            location=node,
            type="rootkappa",
            subtype="result",
        )
        return []


class CodeBelow(SphinxPostTransform):
    """Put folded code below what it shows, so that a reader meets the result first."""

    default_priority = 200  # right after myst-nb (199) has folded it

    def run(self, **kwargs: Any) -> None:
        """Run over all cells of the document."""
        for cell in list(self.document.findall(_is_folded)):
            shown = [part for part in cell.children if _is_output(part)]
            if shown:
                code = [part for part in cell.children if part not in shown]
                cell.children = []
                cell.extend([*shown, *_silent(cell), *code])


def _silent(cell: nodes.Element) -> list[nodes.Node]:
    """Take the folded code out that stands right before a cell and shows nothing."""
    taken: list[nodes.Node] = []
    place = cell.parent.index(cell)
    while place > 0 and _is_folded(before := cell.parent[place - 1]):
        if any(map(_is_output, before.children)):
            break
        cell.parent.remove(before)
        taken = [*before.children, *taken]
        place -= 1
    return taken


def _is_folded(node: nodes.Node) -> bool:
    return isinstance(node, nodes.container) and node.get("hide_mode") == "input"


def _is_output(part: nodes.Node) -> bool:
    is_container = isinstance(part, nodes.container) and bool(part.children)
    return is_container and part.get("nb_element") == "cell_code_output"


def setup(app: Sphinx) -> None:
    """Register directive, transforms and style sheet."""
    app.add_node(Result)
    app.add_directive("result", ResultDirective)
    for transform in (FigureAltText, ShowResult, CodeBelow):
        app.add_post_transform(transform)
    app.add_css_file("rootkappa.css")
