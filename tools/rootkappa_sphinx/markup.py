"""What is put right in finished pages: for screen readers, keyboards and phones.

Theme and extensions write folds that all announce the same words, headings of tables without a
word, roles that the standard has withdrawn, a sidebar outside every landmark, scripts for nothing,
and pictures without their size, so that the text jumps when they come. Numbers in sentences and
tables come as Python writes them. Each is a substitution here.
"""

from __future__ import annotations

import re
from functools import cache, partial
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from PIL import Image

from rootkappa._files import write_atomically
from rootkappa.tables import superscript

if TYPE_CHECKING:
    from collections.abc import Callable

    from sphinx.application import Sphinx

_PLAIN: tuple[tuple[str, str], ...] = (
    (r'<summary aria-label="Toggle hidden content">', "<summary>"),
    (
        r'<summary><span class="toctree-toggle"',
        '<summary><span class="visually-hidden">Pages below this one</span>'
        '<span class="toctree-toggle"',
    ),
    # A line never begins with the comma that follows a formula.
    (
        r'(?<!rk-whole">)(?<!rk-whole">\()'
        r'(\(?<span class="math[^>]*>\\\([^<]*\\\)</span>[,.;:!?)\]’”]+)',
        r'<span class="rk-whole">\1</span>',
    ),
    (r"<th class=\"head\">(?:<p></p>)?</th>", '<td class="head"></td>'),
    (r'<div role="list" class="citation-list">', '<div class="citation-list">'),
    (r'(<div class="citation"[^>]*?) role="doc-biblioentry"', r"\1"),
    (
        r'<div id="pst-primary-sidebar" class="bd-sidebar-primary bd-sidebar">',
        '<div id="pst-primary-sidebar" class="bd-sidebar-primary bd-sidebar" role="region" '
        'aria-label="Contents of the book">',
    ),
    # Only the search page searches: others do not load the index, 470 kB of it.
    (
        r'(?:\s*<script src="(?:\.\./)*(?:_static/(?:searchtools|language_data)|searchindex)\.js">'
        r"</script>){3}\s*(?=</head>)",
        "\n",
    ),
)
_PICTURE = re.compile(r'<img\b(?![^>]*\bwidth=)([^>]*?\bsrc="([^":]+\.png)"[^>]*)>')
# Computed numbers, in a sentence and in a table.
_COMPUTED = re.compile(r'(?<=<span class="pasted-text">)[^<]+(?=</span>)|(?<=<td><p>)[^<]+(?=</p>)')
_NUMBER = re.compile(r"(?<![\w.-])-?\d[\d.]*(?:e[+-]?\d+)?(?!\w)")


def improve(page: str, size: Callable[[str], tuple[int, int] | None]) -> str:
    """Put a page right.

    Args:
        page: Its HTML.
        size: Gives width and height of a picture from its address in the page, None if unknown.
    """
    for pattern, better in _PLAIN:
        page = re.sub(pattern, better, page)

    def sized(found: re.Match[str]) -> str:
        known = size(unquote(unescape(found[2])))
        return f'<img width="{known[0]}" height="{known[1]}"{found[1]}>' if known else found[0]

    return _COMPUTED.sub(_printed, _PICTURE.sub(sized, page))


def _printed(text: re.Match[str]) -> str:
    # As in print: 10⁻³ for 1e-03, and a minus that is no hyphen.
    return _NUMBER.sub(lambda number: superscript(number[0]).replace("-", "\u2212"), text[0])


@cache
def _size(folder: Path, address: str) -> tuple[int, int] | None:
    path = folder / address
    if not path.is_file():
        return None
    with Image.open(path) as picture:
        return picture.size


def _improve_all(app: Sphinx, error: Exception | None) -> None:
    if error is not None or app.builder.format != "html":
        return
    for path in Path(app.outdir).rglob("*.html"):
        page = path.read_text(encoding="utf-8")
        better = improve(page, partial(_size, path.parent))
        if better != page:
            write_atomically(path, better)


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the step."""
    app.connect("build-finished", _improve_all, priority=800)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
