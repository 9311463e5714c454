"""The sidebar, from the titles of pages alone.

Sphinx copies the contents of all pages, with every section and every documented name, for the
sidebar of each page, modules with their source among them, and then drops all but the titles: a
quarter of the build. Here they are dropped once, and pages that no contents name, such as those
modules, share one sidebar in all folders of a depth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sphinx import addnodes

if TYPE_CHECKING:
    from collections.abc import Hashable

    from docutils import nodes
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment


def titles(contents: nodes.Element) -> nodes.Element:
    """Give a copy of a page's contents, with its title and the pages below it."""
    kept = contents.deepcopy()
    for entry in kept.children:
        if len(entry) > 1:
            below = list(entry.findall(addnodes.toctree))
            if below:
                entry[1][:] = below
            else:
                entry.pop(1)
    return kept


class _Sidebar:
    # The contents that are left while a sidebar is made, and the sidebars of pages that no contents
    # name; made anew when a build has read pages.
    def __init__(self) -> None:
        self._kept: dict[str, nodes.Element] = {}
        self._shared: dict[Hashable, str] = {}

    def forget(self, _app: Sphinx, _env: BuildEnvironment) -> None:
        self._kept, self._shared = {}, {}

    def on_page(
        self, app: Sphinx, name: str, _template: str, context: dict[str, Any], _tree: Any
    ) -> None:
        given, env = context.get("toctree"), app.env
        if given is None:
            return

        def toctree(**options: Any) -> str:
            if not options.get("titles_only"):
                return str(given(**options))
            if name in env.found_docs:
                return made(options)
            # Links lead up from the page's folder, and none of them is the page itself.
            key = name.count("/"), *sorted(options.items())
            if key not in self._shared:
                self._shared[key] = made(options)
            return self._shared[key]

        def made(options: dict[str, Any]) -> str:
            whole = env.tocs
            if not self._kept:
                self._kept = {page: titles(contents) for page, contents in whole.items()}
            env.tocs = self._kept
            try:
                return str(given(**options))
            finally:
                env.tocs = whole

        context["toctree"] = toctree


def setup(app: Sphinx) -> dict[str, Any]:
    """Give pages a sidebar of titles."""
    sidebar = _Sidebar()
    app.connect("env-check-consistency", sidebar.forget)
    app.connect("html-page-context", sidebar.on_page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
