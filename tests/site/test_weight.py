"""What a page weighs: all that it loads, compressed, but for pictures."""

from __future__ import annotations

import gzip

import pytest

from tests.site.conftest import pages

WEIGHT = 1_000_000  # bytes
PICTURES = "image"
PACKED = "font"  # its form is compressed already


@pytest.mark.parametrize("page", pages("book/"))
def test_a_page_is_light(tab, opened, page):
    answers = []

    def hear(answer):
        answers.append(answer)

    tab.on("response", hear)
    opened(page, width=390).wait_for_load_state("networkidle")
    tab.remove_listener("response", hear)
    weight = {}
    for answer in answers:
        kind = answer.request.resource_type
        if kind != PICTURES:
            body = answer.body()
            weight[answer.url] = len(body if kind == PACKED else gzip.compress(body))
    assert len(weight) > 1
    assert sum(weight.values()) < WEIGHT, weight
