"""What a chapter weighs, how soon it can be read on a slow phone, and whether it jumps."""

from __future__ import annotations

import gzip

import pytest

from tests.site.conftest import pages

WEIGHT = 1_000_000  # bytes, compressed, without pictures
SHIFT = 0.05
SOON = 3.0  # seconds
SLOWER = 4
PICTURES = ("image",)
PACKED = ("font",)  # their format is compressed already
ATTEMPTS = 3  # the machine may have other things to do: the quickest counts
OBSERVE = """
window.seen = {shift: 0, painted: 0};
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.seen.shift += entry.value;
}).observe({type: "layout-shift", buffered: true});
new PerformanceObserver((list) => {
  window.seen.painted = list.getEntries().at(-1).startTime;
}).observe({type: "largest-contentful-paint", buffered: true});
"""
# Its largest part is painted, its letters are those it keeps, and its scripts have run.
READABLE = """document.fonts.ready.then(async () => {
  const fonts = performance.now();
  await new Promise((end) => setTimeout(end, 300));
  const { domContentLoadedEventEnd } = performance.getEntriesByType("navigation")[0];
  return Math.max(fonts, domContentLoadedEventEnd, window.seen.painted) / 1000;
})"""
THROUGH = """async () => {
  for (let y = 0; y < document.documentElement.scrollHeight; y += 700) {
    scrollTo(0, y);
    await new Promise((end) => requestAnimationFrame(() => setTimeout(end, 20)));
  }
  return window.seen.shift;
}"""


@pytest.mark.parametrize("page", pages("book/"))
def test_a_page_is_light(opened, page):
    answers = []
    tab = opened(page, width=390, each=lambda tab: tab.on("response", lambda answer: answers.append(answer)))
    tab.wait_for_load_state("networkidle")
    weight = {}
    for answer in answers:
        kind = answer.request.resource_type
        if kind not in PICTURES:
            body = answer.body()
            weight[answer.url] = len(body if kind in PACKED else gzip.compress(body))
    assert sum(weight.values()) < WEIGHT, weight


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("page", pages("book/"))
def test_a_page_does_not_jump(opened, page, width):
    assert opened(page, width=width, script=OBSERVE).evaluate(THROUGH) < SHIFT


@pytest.mark.parametrize("page", pages("book/"))
def test_a_page_can_be_read_soon_on_a_slow_phone(opened, page):
    def slow(tab):
        devtools = tab.context.new_cdp_session(tab)
        devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})

    taken = []
    while len(taken) < ATTEMPTS and (not taken or taken[-1] >= SOON):
        tab = opened(page, width=390, script=OBSERVE, each=slow)
        taken.append(tab.evaluate(READABLE))
    assert taken[-1] < SOON, taken
