"""A site that needs no network: MathJax comes along, and no page asks another host for anything."""

from __future__ import annotations

import shutil
from importlib.metadata import distribution
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config

# The full bundle holds every TeX extension, so that no formula has to load one.
BUNDLE = "tex-chtml-full.js"
FONTS = "output/chtml/fonts/woff-v2"
REMOTE = "https://cdn.jsdelivr.net/npm/"


def _choose_bundle(_app: Sphinx, config: Config) -> None:
    config.mathjax_path = f"mathjax/{BUNDLE}"


def _copy_mathjax(app: Sphinx, error: Exception | None) -> None:
    if error is not None or app.builder.format != "html":
        return
    package = distribution("sphinx-mathjax-offline")
    source = Path(str(package.locate_file("sphinx-mathjax-offline/static/mathjax")))
    target = Path(app.outdir) / "_static" / "mathjax"
    (target / FONTS).parent.mkdir(parents=True, exist_ok=True)
    text = (source / BUNDLE).read_text(encoding="utf-8")
    # Only the speech menu asks for these addresses; it must not reach out either.
    (target / BUNDLE).write_text(text.replace(REMOTE, "mathjax/absent/"), encoding="utf-8")
    shutil.copytree(source / FONTS, target / FONTS, dirs_exist_ok=True)


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
    app.connect("config-inited", _choose_bundle)
    app.connect("builder-inited", _drop_thebe)
    app.connect("build-finished", _copy_mathjax)
    app.connect("build-finished", _drop_templates)
