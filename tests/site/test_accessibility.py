"""axe has no complaint of any page, on a desk and on a phone, light and dark."""

from __future__ import annotations

import json
import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.site.conftest import pages

WIDTHS = (1280, 390)
VIOLATIONS = {"resultTypes": ["violations"]}
# What can differ in the dark, and takes axe the longest: what is styled alike is looked at once.
COLOURS = ("color-contrast", "link-in-text-block")
IN_COLOUR = VIOLATIONS | {"runOnly": COLOURS}
WITHOUT = VIOLATIONS | {"rules": {rule: {"enabled": False} for rule in COLOURS}}
ALIKE = """() => {
  const seen = new Set();
  const looks = (place) => {
    const { tagName, className, style, parentElement } = place;
    const own = `${tagName}.${className}.${style?.cssText}`;
    return parentElement ? own + looks(parentElement) : own;
  };
  for (const place of document.body.querySelectorAll("*")) {
    const written = [...place.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!written || seen.has(looks(place))) continue;
    seen.add(looks(place));
    place.dataset.first = "";
  }
}"""
FIRST = {"include": ["[data-first]"]}
# Formulas are boxes of glyphs, thousands of them, all made alike and hidden from screen readers.
# One page keeps them; elsewhere their insides are taken out, and axe needs half the time.
WHOLE = "book/glossary.html"
READY = """(whole) => {
  for (const fold of document.querySelectorAll("details")) fold.open = true;
  if (whole) return;
  for (const glyphs of document.querySelectorAll("mjx-math")) glyphs.replaceChildren();
}"""


def complaints(tab, options, places=None):
    """What axe found: the rule and the elements."""
    given = f"{json.dumps(places or {'include': ['html']})}, {json.dumps(options)}"
    found = tab.evaluate(f"axe.run({given}).then((found) => found.violations)")
    return [(rule["id"], [node["html"][:150] for node in rule["nodes"][:5]]) for rule in found]


@pytest.mark.parametrize("page", pages())
def test_axe_has_no_complaint(opened, page):
    tab = opened(page)
    tab.evaluate(READY, page == WHOLE)
    tab.evaluate(Axe().axe_script)
    tab.evaluate(ALIKE)
    found = []
    for width in WIDTHS:
        tab.set_viewport_size({"width": width, "height": 900})
        found += [(width, *complaint) for complaint in complaints(tab, WITHOUT)]
        for scheme in ("light", "dark"):
            tab.emulate_media(color_scheme=scheme)
            seen = complaints(tab, IN_COLOUR, FIRST)
            found += [(width, scheme, *complaint) for complaint in seen]
    assert found == []


@pytest.mark.parametrize("page", pages("book/"))
def test_a_fold_says_what_it_folds(site, page):
    html = (site / page).read_text(encoding="utf-8")
    for attributes, inside in re.findall(r"<summary([^>]*)>(.*?)</summary>", html, re.S):
        assert "aria-label" not in attributes
        assert re.sub(r"<[^>]*>", "", inside).strip()


def test_who_asks_for_less_motion_sees_folds_at_once(opened):
    tab = opened("book/status.html")
    moving = "() => document.getAnimations().length"
    tab.evaluate(READY, True)
    assert tab.evaluate(moving) == 0
    tab.emulate_media(reduced_motion="no-preference")
    tab.reload()
    tab.evaluate(READY, True)
    folds = tab.evaluate(moving)
    tab.emulate_media(reduced_motion="reduce")
    assert folds > 0
