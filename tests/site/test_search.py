"""The search of the site finds what readers ask for."""

from __future__ import annotations

from urllib.parse import quote

import pytest

WORDS = {
    "how to cite": "book/reproduce.html",
    "glossary": "book/glossary.html",
    "condition number": "book/glossary.html",
}
FIRST = 5  # what is seen without scrolling


@pytest.mark.parametrize("words", WORDS)
def test_it_finds(opened, host, words):
    tab = opened(f"search.html?q={quote(words)}")
    tab.locator("#search-results ul.search a").first.wait_for()
    tab.wait_for_function(
        "document.querySelector('#search-results .search-summary')?.textContent.includes('found')"
    )
    links = tab.locator("#search-results ul.search > li > a").evaluate_all(
        "all => all.map((a) => a.href)"
    )
    found = [link.removeprefix(f"{host}/").partition("#")[0].partition("?")[0] for link in links]
    assert WORDS[words] in found[:FIRST]
