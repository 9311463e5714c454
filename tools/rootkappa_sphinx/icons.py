"""The icons that the pages show, and not the 1.8 MB of script, fonts and rules of all there are.

The theme has some two thousand icons, as fonts with a style sheet, and once more in a script that
draws over them. The script goes; of fonts and rules stay those that some page or script names.
"""

from __future__ import annotations

import re
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
_LOADED = re.compile(r'\s*<script defer src="[^"]*/scripts/fontawesome\.js[^"]*"></script>')
_SHOWN = re.compile(r'<i (class="[^"]*\bfa-[^"]*"(?![^>]*aria-hidden)[^>]*)></i>')
_NAMED = re.compile(r"\bfa-([a-z0-9][a-z0-9-]*)")
_RULE = re.compile(r'((?:\.fa-[a-z0-9-]+:before,?)+)\{content:"(?:[^"\\]|\\.)*"\}')
_SIGN = re.compile(r'(?:content|--pst-icon-[a-z-]+):"(?:\\([0-9a-f]{2,6})|\\?(.))"')
# What a browser is offered, in the order of its choice: the small form, then the large one.
_SOURCES = re.compile(
    r'url\(([^)]*webfonts/[^)]*)\.woff2\) format\("woff2"\),url\([^)]*\) format\("truetype"\)'
)


def named(texts: Iterable[str]) -> set[str]:
    """Collect the names of icons in pages and scripts."""
    return {name for text in texts for name in _NAMED.findall(text)}


def fewer_rules(style: str, names: set[str]) -> str:
    """Leave out the rules of icons without these names, and name the fonts as they will be."""

    def kept(rule: re.Match[str]) -> str:
        return rule[0] if names & named([rule[1].replace(":before", "")]) else ""

    return _SOURCES.sub(r'url(\1.woff) format("woff")', _RULE.sub(kept, style))


def signs(style: str) -> set[int]:
    """Collect the characters that a style sheet puts on the page."""
    return {int(code, 16) if code else ord(sign) for code, sign in _SIGN.findall(style)}


def fewer_glyphs(font: Path, characters: set[int]) -> None:
    """Put a font in the place of another, that has only these characters."""
    options = subset.Options(flavor="woff", layout_features=[], notdef_outline=True)
    whole = subset.load_font(font, options)
    chosen = subset.Subsetter(options)
    chosen.populate(unicodes=characters)
    chosen.subset(whole)
    subset.save_font(whole, font.with_suffix(".woff"), options)
    whole.close()
    for form in (".ttf", ".woff2"):
        font.with_suffix(form).unlink(missing_ok=True)


def plain(page: str) -> str:
    """Take the script out of a page, and hide its icons from screen readers."""
    return _SHOWN.sub(r'<i \1 aria-hidden="true"></i>', _LOADED.sub("", page))


def _reduce(app: Sphinx, error: Exception | None) -> None:
    outdir = Path(app.outdir)
    fonts = sorted((outdir / FONTS).glob("*.ttf"))  # none if a build before has been here
    if error is not None or app.builder.format != "html" or not (outdir / STYLE).is_file():
        return
    for script in (outdir / SCRIPTS).glob("fontawesome.js*"):
        script.unlink()
    pages = {path: path.read_text(encoding="utf-8") for path in outdir.rglob("*.html")}
    scripts = [path.read_text(encoding="utf-8") for path in (outdir / "_static").rglob("*.js")]
    style = (outdir / STYLE).read_text(encoding="utf-8")
    style = fewer_rules(style, named([*pages.values(), *scripts]))
    write_atomically(outdir / STYLE, style)
    for font in fonts:
        fewer_glyphs(font, signs(style))
    for path, page in pages.items():
        if plain(page) != page:
            write_atomically(path, plain(page))


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the step."""
    app.connect("build-finished", _reduce, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
