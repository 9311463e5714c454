"""Verdicts are counted from the ledger, of a chapter or of the whole book."""

from types import SimpleNamespace

import pytest
from docutils.utils import new_document

from rootkappa.ledger import Verdict
from rootkappa_sphinx import tally

VERDICTS = {
    "a/one": Verdict.HOLDS,
    "a/two": Verdict.TIGHT,
    "a/three": Verdict.HOLDS,
    "b/one": "open",
}
BOOK = SimpleNamespace(
    claims={name: SimpleNamespace(id=name, chapter=name[0]) for name in VERDICTS},
    verdict=VERDICTS.__getitem__,
)


@pytest.mark.parametrize(
    ("chapter", "counts"),
    [
        ("a", {"tight": 1, "holds": 2}),
        ("b", {"open": 1}),
        ("book", {"tight": 1, "holds": 2, "open": 1}),
        ("c", {}),
    ],
)
def test_counts_are_those_of_the_ledger_in_its_order(chapter, counts):
    found = tally.counts(BOOK, chapter)
    assert found == counts
    assert list(found) == list(counts)


def test_each_verdict_leads_to_its_claims():
    text = tally.html({"tight": 1, "holds beyond its hypotheses": 2}, "ledger.html")
    assert "<strong>3 claims</strong>: " in text
    assert '<a href="ledger.html?verdict=holds+beyond+its+hypotheses">2 <span' in text
    assert "<strong>1 claim</strong>: 1 <span" in tally.html({"open": 1}, "")


@pytest.fixture
def page():
    """A page with one place for counts."""
    document = new_document("book/a")

    def fill(chapter, known=(tally.PAGE,)):
        document.append(tally.Tally(chapter=chapter))
        builder = SimpleNamespace(
            env=SimpleNamespace(found_docs=set(known)),
            get_relative_uri=lambda _page, target: f"{target.partition('/')[2]}.html",
        )
        tally._fill(SimpleNamespace(rootkappa_book=BOOK, builder=builder), document, "book/a")
        return document.astext()

    return fill


def test_the_place_is_filled_with_links_to_the_ledger(page):
    assert 'href="ledger.html?verdict=tight"' in page("a")


def test_without_a_ledger_there_is_no_link(page):
    assert "href" not in page("a", known=())


def test_an_unknown_chapter_is_a_warning(page, logged):
    page("c")
    assert "no claim of 'c' to count" in logged.getvalue()
