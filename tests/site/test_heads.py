"""What search engines and previews show: titles, descriptions, pictures, the front door."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest

from tests.site.conftest import pages

WORDY = 30  # letters; fewer are no sentence


class Head(HTMLParser):
    """The title of a page, and what its `meta` elements say."""

    def __init__(self, text):
        super().__init__()
        self.said, self.title, self._inside = {}, "", ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self._inside = tag
        if tag == "meta":
            name = values.get("name") or values.get("property") or values.get("http-equiv") or ""
            self.said.setdefault(name.lower(), []).append(values.get("content") or "")

    def handle_data(self, data):
        if self._inside == "title":
            self.title += data

    def handle_endtag(self, tag):
        self._inside = ""


def head(site, page):
    return Head((site / page).read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", pages())
def test_a_page_has_a_title_and_sends_nobody_on(site, page):
    found = head(site, page)
    assert found.title.strip()
    assert "refresh" not in found.said


@pytest.mark.parametrize("page", [*pages("book/"), "index.html"])
def test_a_page_is_described_in_words_and_has_a_preview(site, page):
    said = head(site, page).said
    for name in ("description", "og:description"):
        (sentence,) = said[name]
        assert len(sentence) > WORDY
        assert not set(sentence) & set("\\${}")
    (preview,) = said["og:image"]
    (address,) = said["og:url"]
    folder = address.removesuffix(page) if page != "index.html" else ""
    assert preview.startswith(folder)
    assert (site / "_static" / urlsplit(preview).path.rpartition("/")[2]).is_file()
    assert said["og:image:alt"] != [""]


def test_descriptions_and_titles_tell_pages_apart(site):
    heads = [head(site, page) for page in pages("book/")]
    for told in (
        [found.title for found in heads],
        [found.said["description"][0] for found in heads],
    ):
        assert len(set(told)) == len(told)


def test_the_root_is_the_front_page_and_a_missing_page_leads_on(site):
    assert head(site, "index.html").title == head(site, "book/index.html").title
    missing = (site / "404.html").read_text(encoding="utf-8")
    assert "There is no such page" in missing
    assert missing.count("<a href=") >= 3
