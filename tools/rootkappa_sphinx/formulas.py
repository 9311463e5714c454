r"""Formulas, typeset when the book is built: a page shows them at once, and without a script.

MathJax takes a phone seconds for a chapter, and what it has not reached yet is silent for a screen
reader and missing on paper. Here it runs once, in QuickJS, on all that stands between `\(` and `\)`
or `\[` and `\]` in an element of class `math`. A formula that TeX does not take is a warning, and
so stops a strict build.
"""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
import shutil
from functools import cache
from html import escape, unescape
from importlib.metadata import distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, fromstring

import quickjs
from myst_parser.sphinx_ext.mathjax import html_visit_displaymath
from sphinx.ext.mathjax import html_visit_math
from sphinx.util import logging

from rootkappa._files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sphinx.application import Sphinx
    from sphinx.config import Config

LOGGER = logging.getLogger(__name__)
SCRIPT = Path(__file__).with_name("formulas.js")
FOLDER = Path("_static") / "mathjax"
STYLE = FOLDER / "formulas.css"
_FONTS = Path("output/chtml/fonts/woff-v2")
# Parts of MathJax, in the order in which they need each other.
_PARTS = (
    *("loader", "core", "adaptors/liteDOM", "input/tex-full"),
    *("output/chtml", "output/chtml/fonts/tex", "a11y/assistive-mml"),
)
# The files that letters of these classes come from; those that no formula of the book has wait.
_FONTS_OF = {
    'class="mjx-n"': "MathJax_Main-Regular",
    'TEX-I"': "MathJax_Math-Italic",
    'TEX-B"': "MathJax_Main-Bold",
    'TEX-A"': "MathJax_AMS-Regular",
    'TEX-C"': "MathJax_Calligraphic-Regular",
    'TEX-T"': "MathJax_Typewriter-Regular",
    'TEX-S1"': "MathJax_Size1-Regular",
    'TEX-S2"': "MathJax_Size2-Regular",
    'TEX-S3"': "MathJax_Size3-Regular",
    'TEX-S4"': "MathJax_Size4-Regular",
}
_STACK = 1 << 22  # bytes; tables in tables need more than the engine allows by itself
# An engine that runs scripts and has no console.
_QUIET = "globalThis.console = {log() {}, warn() {}};"
_FORMULA = re.compile(
    r'(<(span|div)\b[^>]*\bclass="(?:[^"]* )?math(?: [^"]*)?"[^>]*>'
    r'\s*(?:<span class="eqno">.*?</span>\s*)?)\\([(\[])(.*?)\\[)\]](?=\s*</\2>)',
    re.S,
)
_HEADING = re.compile(r"<th\b(?:(?!</th>).)*<mjx-(?:(?!</th>).)*</th>", re.S)
# What a screen reader reads, and nobody sees.
_READ = re.compile(r"(?<=>)(<math\b.*?</math>)(?=</mjx-assistive-mml>)", re.S)
# How what stands below, above or under is written in a line.
_LINE = {"msub": "_", "msup": "^", "msubsup": "_^", "mfrac": "/", "munder": "_", "mover": "^"}


class Typesetter:
    """MathJax, with the macros of the book."""

    def __init__(self, macros: Mapping[str, Any]) -> None:
        self._engine = quickjs.Context()
        self._engine.set_max_stack_size(_STACK)
        self._engine.eval(_QUIET)
        for part in _PARTS:
            self._engine.eval((_mathjax() / f"{part}.js").read_text(encoding="utf-8"))
        self._engine.eval(SCRIPT.read_text(encoding="utf-8"))
        self._engine.eval(f"typesetter({json.dumps(macros)})")
        self._typeset = cache(self._engine.get("typeset"))

    def formula(self, tex: str, display: bool = False) -> str:
        """Typeset a formula; give its HTML.

        Raises:
            ValueError: If TeX does not take it.
        """
        try:
            return str(self._typeset(tex, display))
        except quickjs.JSException as error:
            said = str(error).splitlines()[0].removeprefix("Error: ")
            raise ValueError(f"{said} in the formula {tex.strip()!r}") from None

    def page(self, html: str, wrong: list[str]) -> str:
        """Typeset the formulas of a page; note what is wrong with those that stay as they are."""

        def typeset(found: re.Match[str]) -> str:
            try:
                return found[1] + self.formula(unescape(found[4]), found[3] == "[")
            except ValueError as error:
                wrong.append(str(error))
                return found[0]

        return _HEADING.sub(_named, _FORMULA.sub(typeset, html))

    def style(self) -> str:
        """Give the style sheet of all formulas so far."""
        return str(self._engine.get("style")())


def in_line(formula: Element) -> str:
    """Write MathML as a line of text, such as κ^(3/4)."""
    parts, tag = [in_line(part) for part in formula], formula.tag.rpartition("}")[2]
    if tag == "msqrt":
        return f"√{_one(''.join(parts))}"
    if tag in _LINE:
        signs = ("", *_LINE[tag])
        return "".join(sign + _one(part) for sign, part in zip(signs, parts, strict=True))
    # The sign between a function and its argument is there, and seen by nobody.
    return (formula.text or "").strip("\u2061 \n") + "".join(parts)


def _one(part: str) -> str:
    return part if len(part) < 2 or part.isalnum() else f"({part})"


def _named(heading: re.Match[str]) -> str:
    # Neither browsers nor axe find the name of a column in MathML: it is given in letters.
    if re.sub(r"<[^>]*>", "", _READ.sub("", heading[0])).strip():
        return heading[0]

    def letters(formula: re.Match[str]) -> str:
        return escape(in_line(fromstring(formula[1].replace("&nbsp;", " "))))

    return _READ.sub(letters, heading[0])


def _mathjax() -> Path:
    package = distribution("sphinx-mathjax-offline")
    return Path(str(package.locate_file("sphinx-mathjax-offline/static/mathjax")))


def typeset_site(site: Path, macros: Mapping[str, Any]) -> Iterator[str]:
    """Typeset all pages of a site, and give them the style sheet; yield what is wrong."""
    typesetter, changed = Typesetter(macros), {}
    for path in sorted(site.rglob("*.html")):
        html, wrong = path.read_text(encoding="utf-8"), list[str]()
        better = typesetter.page(html, wrong)
        yield from (f"{path.relative_to(site)}: {error}" for error in wrong)
        if better != html:
            changed[path] = better
    if changed:
        shutil.copytree(_mathjax() / _FONTS, site / FOLDER, dirs_exist_ok=True)
        digest = _write_style(site / STYLE, typesetter.style())
    for path, html in changed.items():
        address = posixpath.relpath((site / STYLE).as_posix(), path.parent.as_posix())
        links = [
            f'<link rel="stylesheet" href="{address}?v={digest}" />',
            *_preloaded(html, address),
        ]
        write_atomically(path, html.replace("</head>", "\n".join([*links, "</head>"]), 1))


def _preloaded(html: str, style: str) -> Iterator[str]:
    # Letters that come late are set a little higher or lower than those in their place: all jumps.
    folder = style.removesuffix(STYLE.name)
    for mark, font in _FONTS_OF.items():
        if mark in html:
            address = f"{folder}{font}.woff"
            yield f'<link rel="preload" href="{address}" as="font" type="font/woff" crossorigin />'


def _write_style(path: Path, text: str) -> str:
    # Pages that an earlier build has typeset, and this one has left, keep their rules.
    earlier = path.read_text(encoding="utf-8") if path.is_file() else ""
    rules = dict.fromkeys(rule.strip() for rule in f"{earlier}\n\n{text}".split("\n\n"))
    whole = "\n\n".join(filter(None, rules)) + "\n"
    write_atomically(path, whole)
    return hashlib.sha256(whole.encode()).hexdigest()[:8]


def _typeset(app: Sphinx, error: Exception | None) -> None:
    if error is not None or app.builder.format != "html":
        return
    macros = (app.config.mathjax3_config or {}).get("tex", {}).get("macros", {})
    for wrong in typeset_site(Path(app.outdir), macros):
        LOGGER.warning("%s", wrong, type="rootkappa", subtype="formula")


def _choose(_app: Sphinx, config: Config) -> None:
    config.html_math_renderer = "typeset"


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the steps: after slides were cut, which have formulas too."""
    # Formulas are marked as for MathJax in the browser, and no script is loaded.
    app.add_html_math_renderer("typeset", (html_visit_math, None), (html_visit_displaymath, None))
    app.connect("config-inited", _choose)
    app.connect("build-finished", _typeset, priority=870)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
