"""Finished pages, put right: one row a flaw, and what is right stays."""

from __future__ import annotations

import pytest
from PIL import Image

from rootkappa_sphinx.markup import _size, improve

FLAWS = {
    "folds that all say the same": (
        '<summary aria-label="Toggle hidden content"><span>Show code</span></summary>',
        "<summary><span>Show code</span></summary>",
    ),
    "a fold of the sidebar without a name": (
        '<summary><span class="toctree-toggle" role="presentation"></span></summary>',
        '<summary><span class="visually-hidden">Pages below this one</span>'
        '<span class="toctree-toggle" role="presentation"></span></summary>',
    ),
    "a comma that could begin a line": (
        r'at (<span class="math x">\(a &lt; b\)</span>), <span class="math">\(c\)</span> and',
        r'at <span class="rk-whole">(<span class="math x">\(a &lt; b\)</span>),</span> '
        r'<span class="math">\(c\)</span> and',
    ),
    "numbers of a sentence as Python writes them": (
        'from <span class="pasted-text">-1.5e-03 to 2e+04</span> e-03',
        'from <span class="pasted-text">−1.5·10⁻³ to 2·10⁴</span> e-03',
    ),
    "numbers of a table as Python writes them": (
        "<td><p>-3.2 (-3.7 to 1e-07), 2.13.0+cpu, 2026-11-26, m-3</p></td>",
        "<td><p>−3.2 (−3.7 to 10⁻⁷), 2.13.0+cpu, 2026-11-26, m-3</p></td>",
    ),
    "a heading without a word": (
        '<tr><th class="head"></th><th class="head"><p>a</p></th></tr>',
        '<tr><td class="head"></td><th class="head"><p>a</p></th></tr>',
    ),
    "a heading with an empty paragraph": (
        '<th class="head"><p></p></th>',
        '<td class="head"></td>',
    ),
    "a list whose children are no items": (
        '<div role="list" class="citation-list">',
        '<div class="citation-list">',
    ),
    "a role that was withdrawn": (
        '<div class="citation" id="id9" role="doc-biblioentry">',
        '<div class="citation" id="id9">',
    ),
    "an index that is not searched": (
        '<meta />\n <script src="../_static/searchtools.js"></script>\n<script src="../_static/'
        'language_data.js"></script>\n<script src="../searchindex.js"></script>\n  </head>',
        "<meta />\n</head>",
    ),
    "a picture without its size": (
        '<img alt="A figure" class="rk-figure" src="../_images/a%20b.png" />',
        '<img width="12" height="7" alt="A figure" class="rk-figure" src="../_images/a%20b.png" />',
    ),
}


def size(address):
    return (12, 7) if address == "../_images/a b.png" else None


@pytest.mark.parametrize("flaw", FLAWS)
def test_a_flaw_is_put_right_once(flaw):
    page, better = FLAWS[flaw]
    assert improve(page, size) == better
    assert improve(better, size) == better


def test_the_sidebar_is_a_landmark():
    page = '<div id="pst-primary-sidebar" class="bd-sidebar-primary bd-sidebar">'
    assert 'role="region" aria-label="Contents of the book"' in improve(page, size)


@pytest.mark.parametrize(
    "right",
    [
        '<img width="3" height="4" src="../_images/a b.png">',
        '<img alt="x" src="https://example.org/a.png">',
        '<img alt="x" src="../_images/unknown.png">',
        '<th class="head"><p>a</p></th>',
        '<script src="_static/searchtools.js"></script>'
        '<script src="_static/language_data.js"></script>'  # the search page
        '<script src="searchindex.js"></script><link rel="index"></head>',
    ],
)
def test_what_is_right_stays(right):
    assert improve(right, size) == right


def test_the_size_is_that_of_the_file(tmp_path):
    Image.new("RGB", (5, 3)).save(tmp_path / "a.png")
    assert _size(tmp_path, "a.png") == (5, 3)
    assert _size(tmp_path, "b.png") is None
