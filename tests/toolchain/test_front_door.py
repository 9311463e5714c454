"""The root address is the front page, and an address that is not there leads on."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

import check_site
from rootkappa_sphinx.front_door import _open, seen_from_root

LINKS = {
    "../_static/a.css?v=1": "_static/a.css?v=1",
    "quadratics.html#x": "book/quadratics.html#x",
    "#statement": "#statement",
    "https://example.org/b.html": "https://example.org/b.html",
    "mailto:a@b.c": "mailto:a@b.c",
    "../index.html": "index.html",
    "/top": "/top",
    "": "",
}


@pytest.mark.parametrize("link", LINKS)
def test_links_are_seen_from_the_root(link):
    page = f'<html data-content_root="../"><a href="{link}">x</a><img src="{link}" /></html>'
    seen = LINKS[link]
    expected = f'<html data-content_root="./"><a href="{seen}">x</a><img src="{seen}" /></html>'
    assert seen_from_root(page, "book") == expected


@pytest.fixture
def site(tmp_path):
    (tmp_path / "book").mkdir()
    (tmp_path / "search.html").write_text("<title>s</title>", encoding="utf-8")
    for name in ("index", "ledger"):
        page = f'<title>{name}</title><a href="ledger.html">l</a><a href="../search.html">s</a>'
        (tmp_path / f"book/{name}.html").write_text(page, encoding="utf-8")
    config = SimpleNamespace(
        root_doc="book/index", html_baseurl="https://example.org/", html_title="T", project="P"
    )
    app = SimpleNamespace(
        outdir=str(tmp_path), config=config, builder=SimpleNamespace(format="html")
    )
    return app, tmp_path


def test_both_pages_are_there_and_every_link_leads_somewhere(site):
    app, root = site
    _open(app, None)
    assert "<title>index</title>" in (root / "index.html").read_text("utf-8")
    assert 'href="https://example.org/search.html"' in (root / "404.html").read_text("utf-8")
    assert check_site.check(root) == []


def test_a_failed_build_leaves_no_front_door(site):
    app, root = site
    _open(app, ValueError())
    assert not (root / "index.html").exists()
