"""The slides of the course, cut from the pages that were just built: `book/lectures.toml`.

A section gives a slide for each of its boxes and figures, with its heading; one without any shows
its first paragraph and formula. Nothing is written twice, so nothing can disagree.
"""

from __future__ import annotations

import copy
import tomllib
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bs4 import BeautifulSoup, Tag
from sphinx.util import logging

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sphinx.application import Sphinx

LOGGER = logging.getLogger(__name__)
FILE = "book/lectures.toml"
SCRIPT = Path(__file__).with_name("slides.js")
STYLE = Path(__file__).with_name("slides.css")
_SHOWN = "div.proof, figure.rk-framed"
# What belongs to a page that is read, and not to a slide.
_DROPPED = "p.rk-provenance, details, figure.rk-moving"


def slides(page: BeautifulSoup, name: str) -> Iterator[str]:
    """Cut a section into slides.

    Args:
        page: A built page.
        name: The section.

    Raises:
        ValueError: If there is no such section, or nothing in it can be shown.
    """
    section = page.find("section", id=name)
    if not isinstance(section, Tag):
        raise ValueError(f"there is no section {name!r}")
    section = copy.copy(section)
    heading = section.find(["h1", "h2", "h3"], recursive=False)
    for inner in section.find_all("section", recursive=False):  # those of boxes stay
        inner.decompose()
    for dropped in section.select(_DROPPED):
        dropped.decompose()
    shown = section.select(_SHOWN) or section.find_all(["p", "div"], recursive=False, limit=2)
    if not isinstance(heading, Tag) or not shown:
        raise ValueError(f"section {name!r} has nothing to show")
    title = f"<h2>{heading.decode_contents()}</h2>"
    if section.select_one(_SHOWN):
        yield from (f"{title}{item}" for item in shown)
    else:
        yield title + "".join(map(str, shown))


def lecture(number: int, told: Mapping[str, Any], site: Path) -> str:
    """Write a lecture as one page of the folder `slides`.

    Raises:
        ValueError: If a page or a section of it is not there.
    """
    cut = [f"<h1>{escape(told['title'])}</h1><p>Lecture {number}</p>"]
    for part in told["show"]:
        path = site / "book" / f"{part['page']}.html"
        if not path.is_file():
            raise ValueError(f"there is no page {part['page']!r}")
        page = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        for link in page.select("a.headerlink"):
            link.decompose()
        for link in page.select("a[href]"):
            link.unwrap()
        for name in part["sections"]:
            try:
                cut.extend(slides(page, name))
            except ValueError as error:
                raise ValueError(f"{part['page']}: {error}") from None
    body = "\n".join(f"<section>{slide}</section>" for slide in cut)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(told['title'])}</title><style>{STYLE.read_text('utf-8')}</style></head>"
        f"<body><main>{body}</main><footer><button id=back>Back</button> <output></output> "
        f'<button id=next>Next</button> <a href="../book/teaching.html">the course</a></footer>'
        f"<script>{SCRIPT.read_text('utf-8')}</script></body></html>\n"
    )


def _write(app: Sphinx, error: Exception | None) -> None:
    source, site = Path(app.srcdir) / FILE, Path(app.outdir)
    if error is not None or app.builder.format != "html" or not source.is_file():
        return
    told = tomllib.loads(source.read_text(encoding="utf-8"))["lecture"]
    (site / "slides").mkdir(exist_ok=True)
    for number, one in enumerate(told, start=1):
        try:
            text = lecture(number, one, site)
        except ValueError as reason:
            LOGGER.warning("slides, %s: %s", FILE, reason, type="rootkappa", subtype="slides")
        else:
            (site / "slides" / f"{number}.html").write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the step: after pages were put right."""
    app.connect("build-finished", _write, priority=860)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
