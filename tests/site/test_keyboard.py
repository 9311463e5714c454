"""The tab key reaches what can be used, and shows where it is."""

from __future__ import annotations

import pytest

STOPS = 60
# Where the focus is, and whether its look, or that of what it holds, differs without focus.
FOCUS = """() => {
  const place = document.activeElement;
  if (!place || place === document.body) return null;
  const look = (part) => {
    const { outlineStyle, outlineWidth, outlineColor, boxShadow, backgroundColor, borderColor,
      textDecorationLine, textDecorationThickness } = getComputedStyle(part);
    const outline = outlineStyle === "none" || outlineWidth === "0px" ? "" : outlineColor;
    return [outline, boxShadow, backgroundColor, borderColor, textDecorationLine,
      textDecorationThickness].join();
  };
  const looks = () => [place, ...place.querySelectorAll("*")].map(look).join();
  const focused = looks();
  const name = place.outerHTML.slice(0, 150);
  place.blur();
  const without = looks();
  place.focus({ focusVisible: true, preventScroll: true });
  return [name, focused !== without];
}"""


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize(
    "page", ["book/index.html", "book/quadratics.html", "book/ledger.html", "search.html"]
)
def test_focus_is_visible(opened, page, width):
    tab = opened(page, width=width)
    unseen, reached = [], 0
    for _ in range(STOPS):
        tab.keyboard.press("Tab")
        place = tab.evaluate(FOCUS)
        if place is None:
            break
        reached += 1
        if not place[1]:
            unseen.append(place[0])
    assert reached > 5
    assert unseen == []
