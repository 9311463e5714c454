"""The Sphinx extension of this book; each part is a module with a `setup` of its own."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

PARTS = (
    "execution",
    "offline",
    "docstrings",
    "rooms",
    "figures",
    "citations",
    "descriptions",
    "icons",
    "sidebar",
    "sketches",
    "theorems",
    "moving",
    "ledger_page",
    "tally",
    "cards",
    "markup",
    "front_door",
    "slides",
    "formulas",
)


def setup(app: Sphinx) -> dict[str, Any]:
    """Set up every part of the extension."""
    for part in PARTS:
        import_module(f"{__name__}.{part}").setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
