"""How soon a page can be read on a slow phone, and whether it jumps.

Run by itself: what else runs on the machine is in the times.
"""

from __future__ import annotations

import pytest

from tests.site.conftest import pages

SHIFT = 0.05
SOON = 3.0  # seconds
SLOWER = 4
ATTEMPTS = 3  # the machine may have other things to do: one of them is to be quick enough
OBSERVE = """
window.seen = {shift: 0, painted: Infinity};
new PerformanceObserver((list) => {
  for (const { hadRecentInput, value } of list.getEntries()) {
    if (!hadRecentInput) window.seen.shift += value;
  }
}).observe({type: "layout-shift", buffered: true});
new PerformanceObserver((list) => {
  window.seen.painted = list.getEntries().at(-1).startTime;
}).observe({type: "largest-contentful-paint", buffered: true});
"""
# The largest part in view is painted, and the letters of formulas are there.
READABLE = """new Promise((end) => setTimeout(end, 300)).then(() => {
  const letters = performance.getEntriesByType("resource")
    .filter(({ name }) => name.endsWith(".woff")).map(({ responseEnd }) => responseEnd);
  return Math.max(window.seen.painted, ...letters) / 1000;
})"""
THROUGH = """async () => {
  for (let y = 0; y < document.documentElement.scrollHeight; y += 700) {
    scrollTo(0, y);
    await new Promise((end) => requestAnimationFrame(() => setTimeout(end, 20)));
  }
  return window.seen.shift;
}"""


@pytest.fixture(scope="module")
def slowed(tab):
    """Take the processor's speed down by a factor, and see what is painted when, and what jumps."""
    tab.add_init_script(OBSERVE)
    devtools = tab.context.new_cdp_session(tab)
    return lambda rate: devtools.send("Emulation.setCPUThrottlingRate", {"rate": rate})


@pytest.mark.parametrize("page", pages("book/"))
def test_a_page_can_be_read_soon_on_a_slow_phone(slowed, opened, page):
    slowed(SLOWER)
    taken = []
    while len(taken) < ATTEMPTS and (not taken or taken[-1] >= SOON):
        taken.append(opened(page, width=390).evaluate(READABLE))
    assert taken[-1] < SOON, taken


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("page", pages("book/"))
def test_a_page_does_not_jump(slowed, opened, page, width):
    slowed(1)
    assert opened(page, width).evaluate(THROUGH) < SHIFT
