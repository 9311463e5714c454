"""A sidebar is made from titles: the same letters as from all contents, and these come back."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

from rootkappa_sphinx import sidebar

PAGES = {
    "index": "Top\n===\n\n.. toctree::\n\n   a\n   b\n\n.. toctree::\n   :caption: More\n\n   c\n",
    "a": "A\n=\n\nA one\n-----\n\n.. py:function:: named\n\n.. toctree::\n\n   a1\n",
    "a1": "A below\n=======\n\nPart\n----\n",
    "b": "B\n=\n\nB one\n-----\n\nB inner\n~~~~~~~\n\nB two\n-----\n",
    "c": "C\n=\n",
}
FAR = ("one", "other")


def _built(folder, *extensions):
    (folder / "conf.py").write_text(f"extensions = {list(extensions)}\nhtml_theme = 'basic'\n")
    (folder / "_templates").mkdir()
    for name, text in PAGES.items():
        (folder / f"{name}.rst").write_text(text)
    # The basic theme's own sidebar, as the theme of the book asks for it.
    (folder / "_templates" / "globaltoc.html").write_text(
        "{{ toctree(titles_only=True, collapse=False, includehidden=True, maxdepth=4) }}"
        "{{ toctree(titles_only=False, collapse=False, includehidden=True, maxdepth=4) }}"
    )
    with (folder / "conf.py").open("a") as file:
        file.write("templates_path = ['_templates']\nhtml_sidebars = {'**': ['globaltoc.html']}\n")
    # What it registers ends with it, or the next build in this process complains of it.
    with docutils_namespace():
        app = Sphinx(folder, folder, folder / "out", folder / "doctrees", "html", status=None)
        app.connect("html-collect-pages", _pages_without_contents)
        app.build()
    pages = (*PAGES, "genindex", *(f"far/off/{name}" for name in FAR))
    return app, {name: (folder / "out" / f"{name}.html").read_text() for name in pages}


def _pages_without_contents(_app):
    # As modules with their source are: pages of no document, in folders of their own.
    return [(f"far/off/{name}", {"title": name, "body": ""}, "page.html") for name in FAR]


@pytest.mark.system
def test_pages_are_the_same_with_it_and_contents_come_back(tmp_path):
    folders = [tmp_path / name for name in ("plain", "lean")]
    for folder in folders:
        folder.mkdir()
    (_, plain), (app, lean) = (
        _built(folder, *given)
        for folder, given in zip(folders, ([], ["rootkappa_sphinx.sidebar"]), strict=True)
    )
    assert plain == lean
    assert "A below" in lean["c"]
    assert 'href="../../a1.html"' in lean["far/off/other"]
    assert "B inner" in app.env.tocs["b"].astext()


def test_a_page_without_a_sidebar_is_left_alone():
    context = {}
    sidebar._Sidebar().on_page(SimpleNamespace(env=None), "page", "page.html", context, None)
    assert context == {}
