"""The root address and the missing page: both are pages, and neither sends a reader on blindly.

jupyter-book leaves a bare refresh at the root. Here it is the front page itself, with its links
seen from the root. `404.html` is what the host shows for an address that is not there, at any
depth, so its links are whole.
"""

from __future__ import annotations

import posixpath
import re
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rootkappa._files import write_atomically

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_LINK = re.compile(r'\b(href|src|data-content_root)="([^"]*)"')
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//|/|#", re.I)
MISSING = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>No such page — {title}</title>
<meta name="robots" content="noindex">
<style>
:root {{ color-scheme: light dark; background: Canvas; color: CanvasText }}
body {{ font: 1.1rem/1.6 system-ui, sans-serif; max-width: 34rem }}
body {{ margin: 18vh auto; padding: 1rem }}
</style>
</head>
<body>
<main>
<h1>There is no such page</h1>
<p>It may have moved with a new version of the book. These are where they were:</p>
<ul>
<li><a href="{site}book/index.html">the front page</a></li>
<li><a href="{site}book/ledger.html">the ledger of all claims</a></li>
<li><a href="{site}search.html">search</a></li>
</ul>
</main>
</body>
</html>
"""


def seen_from_root(page: str, folder: str) -> str:
    """Rewrite the links of a page of a folder as they are seen from the folder above."""

    def moved(found: re.Match[str]) -> str:
        name, address = found[1], found[2]
        if name == "data-content_root":
            return f'{name}="./"'
        if not address or _ELSEWHERE.match(address):
            return found[0]
        path, mark, rest = re.fullmatch(r"([^?#]*)([?#]?)(.*)", address, re.S).groups()  # type: ignore[union-attr]
        return f'{name}="{posixpath.normpath(posixpath.join(folder, path))}{mark}{rest}"'

    return _LINK.sub(moved, page)


def _open(app: Sphinx, error: Exception | None) -> None:
    root, front = Path(app.outdir), app.config.root_doc
    page = root / f"{front}.html"
    if error is not None or app.builder.format != "html" or "/" not in front or not page.is_file():
        return
    folder = front.rpartition("/")[0]
    write_atomically(root / "index.html", seen_from_root(page.read_text("utf-8"), folder))
    site, title = app.config.html_baseurl, app.config.html_title or app.config.project
    missing = MISSING.format(site=escape(site), title=escape(title))
    write_atomically(root / "404.html", missing)


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the step: after pages were put right, so that the front door is too."""
    app.connect("build-finished", _open, priority=850)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
