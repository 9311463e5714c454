"""A site that needs no network: no page asks another host for anything."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def _drop_templates(app: Sphinx, _error: Exception | None) -> None:
    """Remove the templates that the themes leave among the static files: they are not pages."""
    for template in (Path(app.outdir) / "_static").glob("*-macros.html"):
        template.unlink()


def _drop_thebe(app: Sphinx) -> None:
    """Take back what sphinx-thebe adds to every page, even where live code is off.

    Its script names another host, and comes twice, which the browser reports as an error.
    """
    for listeners in app.events.listeners.values():
        for listener in list(listeners):
            name = getattr(listener.handler, "__name__", "")
            if listener.handler.__module__ == "sphinx_thebe" and name in (
                "init_thebe_core",
                "update_thebe_context",
            ):
                listeners.remove(listener)


def setup(app: Sphinx) -> None:
    """Connect the steps."""
    app.connect("builder-inited", _drop_thebe)
    app.connect("build-finished", _drop_templates)
