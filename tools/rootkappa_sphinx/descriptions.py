"""What search engines and previews show of a page: a sentence in words, and a picture.

Taken from a page's text, the sentence would be full of formulas. It stands in
`book/descriptions.toml`; the picture is the first figure of the front page, on white.
"""

from __future__ import annotations

import re
import tomllib
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

if TYPE_CHECKING:
    from sphinx.application import Sphinx

FILE = "book/descriptions.toml"
PREVIEW = Path("_static") / "preview.png"
_CARD = (1200, 630)
_FIGURE = re.compile(r'<img\b[^>]*\bclass="[^"]*rk-figure[^"]*"[^>]*\bsrc="([^"]+\.png)"')


def read(srcdir: Path) -> dict[str, str]:
    """Read the sentences, by page; none if there is no file."""
    path = srcdir / FILE
    told = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return {f"{path.parent.name}/{name}": sentence for name, sentence in told.items()}


def card(figure: Path) -> Image.Image:
    """Put a figure in the middle of a white card of the usual size."""
    whole = Image.new("RGB", _CARD, "white")
    with Image.open(figure) as picture:
        drawn = picture.convert("RGBA")
    drawn.thumbnail((_CARD[0] - 80, _CARD[1] - 60), Image.Resampling.LANCZOS)
    place = ((_CARD[0] - drawn.width) // 2, (_CARD[1] - drawn.height) // 2)
    whole.paste(drawn, place, drawn)
    return whole


def _describe(
    app: Sphinx, pagename: str, _template: str, context: dict[str, Any], _doctree: Any
) -> None:
    sentence = app.rootkappa_descriptions.get(pagename)  # type: ignore[attr-defined]
    if sentence is not None:
        tag = f'<meta name="description" content="{escape(sentence)}" />\n'
        context["metatags"] = context.get("metatags", "") + tag
        context["meta"] = {**(context.get("meta") or {}), "og:description": sentence}


def _load(app: Sphinx) -> None:
    app.rootkappa_descriptions = read(Path(app.srcdir))  # type: ignore[attr-defined]


def _preview(app: Sphinx, error: Exception | None) -> None:
    page = Path(app.outdir) / f"{app.config.root_doc}.html"
    if error is not None or app.builder.format != "html" or not page.is_file():
        return
    found = _FIGURE.search(page.read_text(encoding="utf-8"))
    if found is not None:
        card((page.parent / found[1]).resolve()).save(Path(app.outdir) / PREVIEW, optimize=True)


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the steps; the sentence comes before the tags of sphinxext.opengraph."""
    app.connect("builder-inited", _load)
    app.connect("html-page-context", _describe, priority=400)
    app.connect("build-finished", _preview, priority=700)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
