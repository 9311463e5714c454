"""Claims as claims.toml writes them, and the book's own."""

import re
from pathlib import Path

import pytest

from rootkappa import ledger
from rootkappa.ledger.claims import Population, read_chapters
from rootkappa.provenance import Provenance

ROOT = Path(__file__).parents[2]
GOOD = (Path(__file__).parent / "good.toml").read_text(encoding="utf-8")


def test_the_books_own_claims():
    claims = ledger.read_claims(ROOT / "book/claims.toml")
    entered = [claim for claim in claims.values() if claim.entered]
    assert len(claims) >= 74
    assert {"quadratics", "deep-linear"} <= {claim.chapter for claim in entered}
    assert len({claim.digest for claim in claims.values()}) == len(claims)
    assert len({claim.anchor for claim in claims.values()}) == len(claims)


def test_chapters_keep_their_order_and_titles():
    chapters = read_chapters(ROOT / "book/claims.toml")
    claims = ledger.read_claims(ROOT / "book/claims.toml")
    assert list(chapters) == list(dict.fromkeys(claim.chapter for claim in claims.values()))


def test_chapters_have_the_order_and_the_names_of_the_sidebar():
    chapters = read_chapters(ROOT / "book/claims.toml")
    sidebar = re.findall(r"file: book/([\w-]+)$", (ROOT / "_toc.yml").read_text("utf-8"), re.M)
    assert list(chapters) == [page for page in sidebar if page in chapters]
    for slug, title in chapters.items():
        assert f"\n# {title}\n" in (ROOT / f"book/{slug}.md").read_text("utf-8")


def test_a_claim_is_read_as_it_is_written(read):
    claim = read(GOOD)["quadratics/gd-radius"]
    assert claim.accept == {"deviation": (0.0, 1e-12), "ratio": (0.5, float("inf"))}
    assert (claim.chapter, claim.anchor) == ("quadratics", "quadratics-gd-radius")
    assert claim.source is Provenance.DERIVED
    assert claim.entered
    assert claim.papers == ("classical",)


def test_what_the_verdict_rests_on_is_in_the_digest(read):
    plain = read(GOOD)["quadratics/gd-radius"]
    population = 'population = { of = "data", draws = 20, share = [0.8, 1] }\n'
    later = population.replace("share", "first = 9, share")
    changed = [population, population.replace("20", "40"), later, 'breaks = "formula"\n']
    told = ['prediction = "derived"\n', 'second = "none"\n', 'page = "p. 3"\n']
    claims = [read(GOOD + text)["quadratics/gd-radius"] for text in (*changed, *told)]
    digests = [claim.digest for claim in claims]
    assert len({plain.digest, *digests[:4]}) == 5
    assert set(digests[4:]) == {plain.digest}
    assert claims[0].population == Population("data", 20, (0.8, 1.0))
    assert claims[2].population == Population("data", 20, (0.8, 1.0), 9)
    assert (claims[3].breaks, claims[4].prediction) == ("formula", "derived")


def test_every_second_check_is_a_test_that_is_there():
    for claim in ledger.read_claims(ROOT / "book/claims.toml").values():
        if claim.second not in (None, "none"):
            file, name = claim.second.split("::")
            assert f"def {name}(" in (ROOT / file).read_text("utf-8"), claim.id


def test_a_claim_without_intervals_is_open(read):
    claim = read(GOOD[: GOOD.index("accept")])["quadratics/gd-radius"]
    assert not claim.entered
    assert claim.accept is None
    assert claim.digest != read(GOOD)["quadratics/gd-radius"].digest


@pytest.mark.parametrize(
    "keys", ["a2020one,b2021two", "a2020one , b2021two", " a2020one,  b2021two "]
)
def test_papers_are_separated_by_commas(read, keys):
    claim = read(GOOD.replace('"classical"', f'"{keys}"'))["quadratics/gd-radius"]
    assert claim.papers == ("a2020one", "b2021two")


def test_what_a_claim_accepts_cannot_be_moved_later(read):
    claim = read(GOOD)["quadratics/gd-radius"]
    with pytest.raises(TypeError, match="does not support item assignment"):
        claim.accept["deviation"] = (0.0, 1.0)
    with pytest.raises(TypeError, match="does not support item assignment"):
        claim.names["deviation"] = "an error"


def test_the_order_of_intervals_is_not_in_the_digest(read):
    turned = GOOD.replace(
        "deviation = [0, 1e-12], ratio = [0.5, inf]", "ratio = [0.5, inf], deviation = [0, 1e-12]"
    )
    first, second = (read(text)["quadratics/gd-radius"] for text in (GOOD, turned))
    assert list(first.accept) != list(second.accept)
    assert first.digest == second.digest


def test_the_digest_follows_the_intervals_and_not_the_note(read):
    claim = read(GOOD)["quadratics/gd-radius"]
    noted = read(GOOD + 'note = "why"\n')["quadratics/gd-radius"]
    moved = read(GOOD.replace("1e-12", "1e-11"))["quadratics/gd-radius"]
    assert claim.digest == noted.digest != moved.digest


def test_a_chapter_is_opened_from_the_file_that_is_given(read, tmp_path, monkeypatch):
    read(GOOD)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "claims.toml").write_text(GOOD.replace("gd-radius", "hb-radius"), "utf-8")
    monkeypatch.chdir(elsewhere)
    assert list(ledger.open_chapter("quadratics").claims) == ["quadratics/hb-radius"]
    given = ledger.open_chapter("quadratics", tmp_path / "claims.toml")
    assert list(given.claims) == ["quadratics/gd-radius"]
