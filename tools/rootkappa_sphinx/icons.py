"""The icons that the pages show, and not the 1.8 MB of script, fonts and rules of all there are.

The theme has some two thousand icons, as fonts with a style sheet, and once more in a script that
draws over them. The script goes. Of fonts and rules stay those that some page or script names, and
what is left of the fonts stands in the style sheet: no icon comes late and moves the text.
"""

from __future__ import annotations

import logging
import re
import shutil
from base64 import b64encode
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fontTools import subset

from rootkappa._files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx.application import Sphinx

STYLE = Path("_static/styles/pydata-sphinx-theme.css")
FONTS = Path("_static/vendor/fontawesome/webfonts")
SCRIPTS = Path("_static/scripts")
logging.getLogger(subset.__name__).setLevel(logging.WARNING)  # else it tells of every table
_LOADED = re.compile(r'\s*<script defer src="[^"]*/scripts/fontawesome\.js[^"]*"></script>')
_SHOWN = re.compile(r'<i (class="[^"]*\bfa-[^"]*"(?![^>]*aria-hidden)[^>]*)></i>')
_NAMED = re.compile(r"\bfa-([a-z0-9][a-z0-9-]*)")
_RULE = re.compile(r'((?:\.fa-[a-z0-9-]+:before,?)+)\{content:"(?:[^"\\]|\\.)*"\}')
_SIGN = re.compile(r'(?:content|--pst-icon-[a-z-]+):"(?:\\([0-9a-f]{2,6})|\\?(.))"')
_SOURCES = re.compile(r"src:url\([^)]*webfonts/([^)]*)\.woff2\)[^}]*?(?=[;}])")


def named(texts: Iterable[str]) -> set[str]:
    """Collect the names of icons in pages and scripts."""
    return {name for text in texts for name in _NAMED.findall(text)}


def fewer_rules(style: str, names: set[str]) -> str:
    """Leave out the rules of icons without these names."""

    def kept(rule: re.Match[str]) -> str:
        return rule[0] if names & named([rule[1].replace(":before", "")]) else ""

    return _RULE.sub(kept, style)


def signs(style: str) -> set[int]:
    """Collect the characters that a style sheet puts on the page."""
    return {int(code, 16) if code else ord(sign) for code, sign in _SIGN.findall(style)}


def fewer_glyphs(font: Path, characters: set[int]) -> bytes:
    """Give a font that has only these characters."""
    options, stream = subset.Options(flavor="woff", layout_features=[]), BytesIO()
    with subset.load_font(font, options) as whole:
        chosen = subset.Subsetter(options)
        chosen.populate(unicodes=characters)
        chosen.subset(whole)
        subset.save_font(whole, stream, options)
    return stream.getvalue()


def reduced(style: str, names: set[str], fonts: Path) -> str:
    """Reduce a style sheet and the fonts that it loads to the icons with these names."""
    style = fewer_rules(style, names)
    shown = signs(style)

    def inside(source: re.Match[str]) -> str:
        data = b64encode(fewer_glyphs(fonts / f"{source[1]}.ttf", shown)).decode()
        return f"src:url(data:font/woff;base64,{data})"

    return _SOURCES.sub(inside, style)


def plain(page: str) -> str:
    """Take the script out of a page, and hide its icons from screen readers."""
    return _SHOWN.sub(r'<i \1 aria-hidden="true"></i>', _LOADED.sub("", page))


def _reduce(app: Sphinx, error: Exception | None) -> None:
    outdir = Path(app.outdir)
    if error is not None or not (outdir / FONTS).is_dir():  # or a build before has been here
        return
    for script in (outdir / SCRIPTS).glob("fontawesome.js*"):
        script.unlink()
    pages = {path: path.read_text(encoding="utf-8") for path in outdir.rglob("*.html")}
    scripts = [path.read_text(encoding="utf-8") for path in (outdir / "_static").rglob("*.js")]
    names = named([*pages.values(), *scripts])
    style = (outdir / STYLE).read_text(encoding="utf-8")
    write_atomically(outdir / STYLE, reduced(style, names, outdir / FONTS))
    shutil.rmtree(outdir / FONTS)
    for path, page in pages.items():
        if plain(page) != page:
            write_atomically(path, plain(page))


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the step."""
    app.connect("build-finished", _reduce, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
