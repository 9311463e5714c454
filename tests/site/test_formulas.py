"""Formulas are whole: typeset, no wider than column or paper, and marked where they scroll."""

from __future__ import annotations

import re

import pytest

from tests.site.conftest import pages

PAPER = 718  # pixels between the margins that a browser leaves on A4
CODE = re.compile(r"<(script|style|pre|code)\b.*?</\1>", re.S)
CUT = """(formulas) => formulas
  .filter((formula) => formula.scrollWidth > formula.clientWidth + 1
    || formula.scrollWidth > formula.closest("div.math").clientWidth + 1)
  .map((formula) => formula.textContent)"""
# What goes on beyond its right edge, with its mask and whether the keyboard reaches it.
SCROLLING = """() => [...document.querySelectorAll("main *")]
  .filter((place) => ["auto", "scroll"].includes(getComputedStyle(place).overflowX)
    && place.clientWidth && place.scrollWidth > place.clientWidth + 1
    && !place.matches("span.math"))
  .map((place) => [place.outerHTML.slice(0, 150), place.tabIndex,
    getComputedStyle(place).maskImage])"""
# Formulas in a line that are cut, and those that are faded although they are whole.
INLINE = """() => [...document.querySelectorAll("main span.math")]
  .filter((place) => {
    const { overflowX, maskImage } = getComputedStyle(place);
    const glyphs = place.querySelector("mjx-math").getBoundingClientRect().width;
    return glyphs > place.clientWidth + 1 ? overflowX === "hidden" : maskImage !== "none";
  })
  .map((place) => place.outerHTML.slice(0, 150))"""
TALL = 5000


@pytest.mark.parametrize("page", pages())
def test_no_formula_is_left_as_source(site, page):
    text = CODE.sub("", (site / page).read_text(encoding="utf-8"))
    assert re.findall(r".{,80}(?:\\[(\[)\]]|\$\$).{,80}", text) == []
    assert "<mjx-merror" not in text


@pytest.mark.parametrize("page", pages("book/"))
def test_a_displayed_formula_fits_its_column_and_paper(opened, page):
    tab = opened(page)
    tab.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
    assert tab.locator("mjx-container[display]").evaluate_all(CUT) == []
    assert tab.locator("mjx-container[tabindex]").count() == 0
    tab.set_viewport_size({"width": PAPER, "height": TALL})
    tab.emulate_media(media="print")
    assert tab.locator("mjx-container[display]").evaluate_all(CUT) == []


@pytest.mark.parametrize("page", pages("book/"))
def test_on_a_phone_what_scrolls_shows_it(opened, page):
    tab = opened(page, width=390)
    tab.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
    tab.evaluate("new Promise((end) => setTimeout(end, 100))")
    for place, stop, mask in tab.evaluate(SCROLLING):
        assert (stop, mask.startswith("linear-gradient")) == (0, True), place
    assert tab.evaluate(INLINE) == []
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
