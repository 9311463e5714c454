"""Slides are cut from built pages, a box or a figure each; a section that is not there is named."""

from __future__ import annotations

import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup

from rootkappa_sphinx import slides
from rootkappa_sphinx.execution import ROOT

PAGE = """<html><body>
<section id="top"><h1>Title</h1>
<section id="two"><h2>Two</h2><p>First.</p>
<div class="proof theorem"><p class="title">Theorem</p><section id="proof-content">
<p>See <a href="x.html">there</a>.</p></section></div>
<p>Between.</p><div class="cell"><figure class="rk-framed">
<img class="rk-figure" src="../_images/a.png"/><figure class="rk-moving"></figure>
<figcaption>Figure 7</figcaption></figure></div>
<section id="inner"><h3>Inner</h3><figure class="rk-framed"></figure></section>
</section>
<section id="words"><h2>Words<a class="headerlink" href="#two">#</a></h2>
<p>One.</p><div class="math">x</div><p>Three.</p></section>
<section id="empty"><h2>Empty</h2></section>
</section></body></html>"""


def page():
    return BeautifulSoup(PAGE, "html.parser")


def test_each_box_and_each_figure_of_a_section_is_a_slide():
    first, second = slides.slides(page(), "two")
    assert first.startswith("<h2>Two</h2><div class=")
    assert "Theorem" in first
    assert "there" in first
    assert second.startswith('<h2>Two</h2><figure class="rk-framed">\n<img class="rk-figure"')
    assert "<figcaption>Figure 7</figcaption>" in second
    assert "rk-moving" not in second


def test_a_section_of_words_shows_how_it_begins():
    (only,) = slides.slides(page(), "words")
    assert only.endswith('</h2><p>One.</p><div class="math">x</div>')


@pytest.mark.parametrize(
    ("name", "said"), [("none", "no section 'none'"), ("empty", "'empty' has nothing to show")]
)
def test_what_cannot_be_shown_is_named(name, said):
    with pytest.raises(ValueError, match=said):
        list(slides.slides(page(), name))


@pytest.fixture
def app(tmp_path):
    site = tmp_path / "site"
    (site / "book").mkdir(parents=True)
    (site / "book/a.html").write_text(PAGE, encoding="utf-8")
    (tmp_path / "book").mkdir()
    builder = SimpleNamespace(format="html")
    return SimpleNamespace(srcdir=str(tmp_path), outdir=str(site), builder=builder)


def _told(app, text):
    (Path(app.srcdir) / slides.FILE).write_text(text, encoding="utf-8")
    slides._write(app, None)
    return Path(app.outdir) / "slides" / "1.html"


def test_a_lecture_is_one_page_without_links_to_the_book(app):
    told = '[[lecture]]\ntitle = "A & B"\nshow = [{page = "a", sections = ["two", "words"]}]\n'
    text = _told(app, told).read_text(encoding="utf-8")
    assert text.count("<section>") == 4
    assert "<h1>A &amp; B</h1>" in text
    assert "x.html" not in text
    assert "<h2>Words</h2>" in text


def test_a_section_that_is_not_there_is_a_warning(app, logged):
    made = _told(app, '[[lecture]]\ntitle = "A"\nshow = [{page = "a", sections = ["gone"]}]\n')
    assert not made.exists()
    assert "a: there is no section 'gone'" in logged.getvalue()


def test_the_course_has_a_lecture_a_row_of_the_teaching_page():
    told = tomllib.loads((ROOT / slides.FILE).read_text(encoding="utf-8"))["lecture"]
    table = (ROOT / "book/teaching.md").read_text(encoding="utf-8")
    for number, lecture in enumerate(told, start=1):
        link = f'<a href="../slides/{number}.html">{lecture["title"]}</a>'
        assert f"| {number} | {link} |" in table
