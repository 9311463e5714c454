"""Figures on the page: alt text from the output's own words, and a class for the style sheet."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

if TYPE_CHECKING:
    from sphinx.application import Sphinx

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
    for image in list(contents["image/png"].findall(nodes.image)):
        image["alt"] = " ".join(text[prefix.end() :].split())
        image["classes"].append("rk-figure")
        # A fixed height would stretch it where a narrow page takes its width.
        image.attributes.pop("height", None)
        # What scrolls where a page is too narrow for the text in the figure; its caption does not.
        frame = nodes.container(classes=["rk-picture"])
        image.parent.replace(image, frame)
        frame += image


def setup(app: Sphinx) -> None:
    """Register the transform and the style sheet."""
    app.add_post_transform(FigureAltText)
    app.add_css_file("rootkappa.css")
