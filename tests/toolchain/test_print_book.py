"""The book as one PDF: every page in order, links that lead on inside it, whole formulas."""

from __future__ import annotations

from io import BytesIO

import pytest
from pypdf import PdfReader

import chromium
import print_book
from print_book import Chapter

PROJECT = {
    "version": "0.1.0",
    "license": "MIT",
    "description": "What it is.",
    "authors": [{"name": "The authors"}],
    "urls": {"Documentation": "https://example.org/"},
}
LISTED = [Chapter("book/index", "", ""), Chapter("book/a", "1", "P"), Chapter("book/b", "2", "P")]
PAGES = {
    "book/index": "<h1>Front</h1><a href='a.html'>to A</a>",
    "book/a": "<h1>A</h1><p id=x>"
    + "long " * 6000
    + "</p><p id=y><a href='b.html#z'>to z</a> <a href='api.html#f'>to the site</a></p>"
    "<div style='width:400px'><mjx-container display=true style='display:block;width:900px'>"
    "</mjx-container></div><details class=hide><p>some code</p></details>",
    "book/b": "<h1>B</h1><p id=z><a href='#z'>here</a> <a href='a.html#y'>back</a></p>",
}


@pytest.fixture
def site(tmp_path):
    (tmp_path / "book").mkdir()
    for name, body in PAGES.items():
        html = f"<!doctype html><html><body><article>{body}</article></body></html>"
        (tmp_path / f"{name}.html").write_text(html.replace("'", '"'), encoding="utf-8")
    return tmp_path


def test_chapters_come_in_the_order_of_the_sidebar_and_have_numbers():
    toc = {
        "root": "book/index",
        "parts": [
            {"caption": "One", "chapters": [{"file": "book/a"}, {"file": "book/api"}]},
            {"caption": "Two", "chapters": [{"file": "book/b"}]},
        ],
    }
    assert print_book.chapters(toc) == [
        Chapter("book/index", "", ""),
        Chapter("book/a", "1", "One"),
        Chapter("book/b", "2", "Two"),
    ]


def test_anchors_that_other_pages_link_to_are_found(site):
    assert print_book.targets(site, list(PAGES)) == {"book/b": {"z"}, "book/a": {"y"}}


@pytest.fixture
def printed(site, browser):
    printer = print_book.Printer(browser)
    first, second = [print_book.book(printer, site, LISTED, PROJECT) for _ in range(2)]
    assert first == second
    return PdfReader(BytesIO(first))


@pytest.mark.system
def test_links_lead_on_inside_the_book_and_code_is_folded_away(printed):
    texts = [page.extract_text() for page in printed.pages]
    first_of_a = next(i for i, text in enumerate(texts) if "long" in text)
    last_of_a = max(i for i, text in enumerate(texts) if "to z" in text)
    page_of_b = len(texts) - 1
    assert last_of_a > first_of_a
    assert not any("some code" in text for text in texts)
    assert [item["/Title"] for item in printed.outline if not isinstance(item, list)] == [
        *("Front", "1  A", "2  B"),
    ]

    def led(page):
        found = {}
        for annotation in printed.pages[page]["/Annots"]:
            link = annotation.get_object()
            if "/Dest" in link:
                name = link["/Dest"]
                place = printed.named_destinations[name]
                found[name.strip("/")] = printed.get_destination_page_number(place)
            else:
                found[link["/A"]["/URI"]] = None
        return found

    assert led(last_of_a) == {"book/b--z": page_of_b, "https://example.org/book/api.html#f": None}
    assert led(page_of_b) == {"book/b--z": page_of_b, "book/a--y": last_of_a}
    assert led(0)["book/b--top"] == page_of_b
    assert printed.metadata.title == "Root Kappa 0.1.0"
    filters = [page["/Contents"].get_object().get("/Filter") for page in printed.pages]
    assert set(filters) == {"/FlateDecode"}


def test_without_a_browser_it_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setattr(chromium, "program", lambda: None)
    assert print_book.main() == 1
    assert "no browser here: install one of chromium" in capsys.readouterr().out
