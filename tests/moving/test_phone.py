"""On a phone: text in figures that stand still has nine pixels; they scroll, and not the page."""

from __future__ import annotations

import re

import pytest
from matplotlib import font_manager

from rootkappa.figures.style import DPI
from rootkappa_sphinx.sketches import Network, svg
from tests.moving import browsing
from tests.moving.conftest import BOOK

SCREEN, LEAST = 390, 9  # pixels
SMALLEST = 10 * font_manager.font_scalings["small"]  # points, beside the house's 10
PICTURE = """<div class="rk-picture"><a href="#"><img class="rk-figure" alt="A figure"
width="1840" height="680" style="width: 920px" src="/_static/race.svg"></a></div>"""
SKETCH = Network(("d", "m", "m", "m", "k"), ("W_1", "W_2", "W_3", "W_4"))


@pytest.fixture(scope="module")
def phone(tab):
    body = f'{PICTURE}<p class="rk-sketch">{svg(SKETCH)}</p>'
    return browsing.Opened(tab, body, SCREEN).page


def test_small_text_of_a_figure_has_nine_pixels_on_a_phone(phone):
    shown = phone.evaluate("document.querySelector('.rk-figure').getBoundingClientRect().width")
    # DPI/2 is how many pixels of the page an inch is; a point is 1/72 of it.
    assert shown / 920 * SMALLEST * DPI / 2 / 72 >= LEAST


def test_letters_of_a_sketch_have_nine_pixels_on_a_phone(phone):
    sizes = phone.evaluate(
        "[...document.querySelectorAll('.rk-sketch :is(text, tspan)')].map(text =>"
        " parseFloat(getComputedStyle(text).fontSize) * document.querySelector("
        "'svg.rk-sketch').getBoundingClientRect().width / 580)"
    )
    assert min(sizes) >= LEAST


@pytest.mark.parametrize("box", [".rk-picture", "p.rk-sketch"])
def test_the_figure_scrolls_and_not_the_page(phone, box):
    wide, seen = phone.evaluate(
        f"(box => [box.scrollWidth, box.clientWidth])(document.querySelector('{box}'))"
    )
    assert wide > seen
    assert phone.evaluate("document.documentElement.scrollWidth") <= SCREEN


@pytest.mark.parametrize("chapter", sorted(BOOK.glob("*.md")), ids=lambda path: path.stem)
def test_no_figure_has_smaller_text(chapter):
    text = chapter.read_text(encoding="utf-8")
    named = re.findall(r"\b(?:font|label)?size=\"([\w-]+)\"", text)
    points = [float(size) for size in re.findall(r"\b(?:font|label)?size=([\d.]+)", text)]
    points += [10 * font_manager.font_scalings[size] for size in named]
    assert [size for size in points if size < SMALLEST] == []
