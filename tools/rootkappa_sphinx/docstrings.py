"""Docstrings are plain text with mathematics in it; here they become sound reStructuredText."""

from __future__ import annotations

import re
from dataclasses import is_dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

BEFORE_NAPOLEON = 400
AFTER_NAPOLEON = 600
STAND_IN = "\ue000"

_CODE = re.compile(r"(`+[^`]*`+)")
_EXAMPLE = (">>>", "...")
# Examples and code, which stay as they are; a displayed formula; one in a line of text.
_PIECES = re.compile(
    r"^[ ]*(?:>>>|\.\.\.)[^\n]*$|`+[^`]*`+|\$\$(?P<shown>.+?)\$\$|\$(?P<told>[^$`]+?)\$",
    re.M | re.S,
)
_TRAILING_UNDERSCORE = re.compile(r"(?<=\w)_(?=\W|$)")


def escape(line: str) -> str:
    """Escape |p| and y_, which would be a substitution and a link, outside of code."""
    if line.lstrip().startswith(_EXAMPLE):
        return line
    parts = _CODE.split(line)
    parts[::2] = [_TRAILING_UNDERSCORE.sub(r"\\_", part).replace("|", r"\|") for part in parts[::2]]
    return "".join(parts)


def mathematics(lines: list[str]) -> list[str]:
    """Mark formulas between dollars as such."""

    def mark(piece: re.Match[str]) -> str:
        if piece["told"]:
            return f":math:`{' '.join(piece['told'].split())}`"
        if piece["shown"]:
            return f":math:`\\displaystyle {' '.join(piece['shown'].split())}`"
        return piece[0]

    return _PIECES.sub(mark, "\n".join(lines)).split("\n")


def _before(
    _app: Sphinx, what: str, _name: str, _object: Any, _options: Any, lines: list[str]
) -> None:
    lines[:] = [escape(line) for line in mathematics(lines)]
    if what in ("property", "attribute") and lines:
        # Napoleon takes what stands before a colon in the first line for a type.
        lines[0] = lines[0].replace(":", STAND_IN)


def _after(
    _app: Sphinx, _what: str, _name: str, _object: Any, _options: Any, lines: list[str]
) -> None:
    lines[:] = [line.replace(STAND_IN, ":") for line in lines]


def shown_signature(what: str, shown: Any) -> tuple[str, None] | None:
    """Leave the signature out of a record that inherits fields from another module.

    Its annotations are names of that module, which are not found from here; the docstring lists
    the arguments.
    """
    fields = [kind for kind in getattr(shown, "__mro__", ()) if is_dataclass(kind)]
    far = any(kind.__module__ != shown.__module__ for kind in fields)
    return ("()", None) if what == "class" and far else None


def _signature(
    _app: Sphinx, what: str, _name: str, shown: Any, *_rest: Any
) -> tuple[str, None] | None:
    return shown_signature(what, shown)


def drop_sourceless(app: Sphinx) -> tuple[()]:
    """Forget modules without a source, such as builtins: viewcode would list a page that is not."""
    modules = getattr(app.env, "_viewcode_modules", {})
    for name in [name for name, entry in modules.items() if not entry]:
        del modules[name]
    return ()


def setup(app: Sphinx) -> None:
    """Rewrite docstrings before and after napoleon reads them."""
    app.connect("html-collect-pages", drop_sourceless, priority=BEFORE_NAPOLEON)
    app.connect("autodoc-process-signature", _signature)
    app.connect("autodoc-process-docstring", _before, priority=BEFORE_NAPOLEON)
    app.connect("autodoc-process-docstring", _after, priority=AFTER_NAPOLEON)
