"""The ledger at a glance: letters lead to cards, and a filter stands in the address."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from axe_playwright_python.sync_playwright import Axe

from rootkappa import ledger
from rootkappa.ledger import Verdict
from rootkappa.ledger.claims import read_chapters
from rootkappa_sphinx import ledger_html, ledger_page
from rootkappa_sphinx.ledger_glance import LETTERS
from tests.moving.browsing import Opened
from tests.moving.conftest import BOOK


@pytest.fixture(scope="module")
def book():
    return ledger.published()


@pytest.fixture(scope="module")
def chapters():
    return read_chapters(BOOK / "claims.toml")


@pytest.fixture(scope="module")
def body(book, chapters):
    cards = "".join(
        f'<section id="ledger-{slug}"><h2>{title}</h2>'
        f"{ledger_html.chapter(book, slug, 'x.html', {})}</section>"
        for slug, title in chapters.items()
    )
    summary = ledger_html.summary(book, chapters) + ledger_html.FILTERS
    return f"{summary}<script>{ledger_page.SCRIPT.read_text('utf-8')}</script>{cards}"


def shown(opened):
    return opened.page.locator(".rk-claim:visible").count()


def test_every_claim_has_a_letter_that_leads_to_its_card(book, body):
    cells = re.findall(r'class="rk-cell [^"]*" href="#([^"]*)"[^>]*>(\w)</a>', body)
    assert len(cells) == len(book.claims) == len({target for target, _ in cells})
    expected = Counter(LETTERS[book.verdict(claim)] for claim in book.claims)
    assert Counter(letter for _, letter in cells) == expected
    assert all(f'id="{target}"' in body for target, _ in cells)


def test_letters_are_one_for_each_verdict():
    assert len(set(LETTERS.values())) == len(LETTERS) == len(Verdict) + 2


def test_a_chapters_letters_go_by_verdict(body):
    for row in re.findall(r'<tr><th scope="row"><a href="#ledger-.*?</tr>', body):
        letters = re.findall(r">(\w)</a>", row.partition("<td>")[2])
        assert letters == sorted(letters, key=list(LETTERS.values()).index)


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (390, "dark")])
def test_the_filter_stands_in_the_address(tab, book, body, width, theme):
    opened = Opened(tab, body, width, theme)
    verdicts = Counter(map(book.verdict, book.claims))
    rarest = min(verdicts, key=verdicts.get)
    assert shown(opened) == len(book.claims)
    opened.page.locator(".rk-choose", has_text=rarest).first.click()
    assert shown(opened) == verdicts[rarest]
    assert opened.page.locator(".rk-cell:not(.rk-out)").count() == verdicts[rarest]
    assert (
        opened.page.locator(".rk-filters [role=status]")
        .inner_text()
        .startswith(f"{verdicts[rarest]} of {len(book.claims)}")
    )
    found = Axe().run(opened.page, context=".rk-summary")
    assert found.violations_count == 0, found.generate_report()
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    again = Opened(tab, body, width, theme, f"?{opened.query}")
    assert shown(again) == verdicts[rarest]
    again.page.get_by_role("button", name="show all").press("Enter")
    assert (shown(again), again.query) == (len(book.claims), "")
    assert opened.complaints == again.complaints == []


def test_a_letter_opens_its_card_even_if_it_was_filtered_out(tab, body):
    opened = Opened(tab, body, query="?verdict=tight&paper=nobody")
    hidden = opened.page.locator(".rk-cell.rk-out").first
    target = hidden.get_attribute("href")
    hidden.press("Enter")
    card = opened.page.locator(target)
    card.wait_for(state="visible")
    assert card.get_attribute("open") is not None
    assert opened.page.url.endswith(target)
    assert opened.query == ""
    again = Opened(tab, body, query=f"?verdict=tight{target}")
    assert again.page.locator(target).is_visible()


def test_cards_are_folded_on_the_screen_and_whole_on_paper(tab, book, body):
    opened = Opened(tab, body)
    tables = opened.page.locator(".rk-claim > .rk-table")
    unfolded = "[...document.querySelectorAll('.rk-claim')].filter((card) => card.open).length"
    assert (tables.count(), opened.page.evaluate(unfolded)) == (len(book.claims), 0)
    opened.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert opened.page.evaluate(unfolded) == len(book.claims)
    opened.page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert opened.page.evaluate(unfolded) == 0
    opened.page.get_by_role("button", name="unfold").press("Enter")
    assert opened.page.evaluate(unfolded) == len(book.claims)
    opened.page.get_by_role("button", name="fold", exact=True).press("Enter")
    assert opened.page.evaluate(unfolded) == 0
