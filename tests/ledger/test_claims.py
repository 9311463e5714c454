"""claims.toml: the book's own file, and a sentence for every mistake."""

from pathlib import Path

import pytest

from rootkappa import ledger

ROOT = Path(__file__).parents[2]
GOOD = """
[chapters]
quadratics = "Quadratics"

[[claim]]
id = "quadratics/gd-radius"
paper = "classical"
source = "derived"
kind = "equality"
statement = "It contracts."
predicted = "1 - 1/kappa"
control = "a larger step"
accept = { deviation = [0, 1e-12], ratio = [0.5, inf] }
"""


@pytest.fixture
def read(tmp_path):
    def read_text(text):
        path = tmp_path / "claims.toml"
        path.write_text(text, encoding="utf-8")
        return ledger.read_claims(path)

    return read_text


def test_the_books_own_claims():
    claims = ledger.read_claims(ROOT / "book/claims.toml")
    entered = [claim for claim in claims.values() if claim.entered]
    assert len(claims) >= 74
    assert {"quadratics", "deep-linear"} <= {claim.chapter for claim in entered}
    assert len({claim.digest for claim in claims.values()}) == len(claims)
    assert len({claim.anchor for claim in claims.values()}) == len(claims)


def test_a_claim_is_read_as_it_is_written(read):
    claim = read(GOOD)["quadratics/gd-radius"]
    assert claim.accept == {"deviation": (0.0, 1e-12), "ratio": (0.5, float("inf"))}
    assert (claim.chapter, claim.anchor) == ("quadratics", "claim-quadratics-gd-radius")
    assert claim.entered
    assert claim.papers == ("classical",)


def test_a_claim_without_intervals_is_open(read):
    assert not read(GOOD[: GOOD.index("accept")])["quadratics/gd-radius"].entered


def test_the_digest_follows_the_intervals_and_not_the_note(read):
    claim = read(GOOD)["quadratics/gd-radius"]
    noted = read(GOOD + 'note = "why"\n')["quadratics/gd-radius"]
    moved = read(GOOD.replace("1e-12", "1e-11"))["quadratics/gd-radius"]
    assert claim.digest == noted.digest != moved.digest


MISTAKES = {
    "misspelt key": ("predicted =", "predictd =", "unknown key 'predictd': did you mean 'pred"),
    "missing key": ('kind = "equality"\n', "", "key 'kind' is missing: add it"),
    "kind": ('"equality"', '"equalty"', "kind is 'equalty': did you mean 'equality'"),
    "source": ('"derived"', '"guessed"', "source is 'guessed': use one of abstract, poster"),
    "empty": ('"It contracts."', '" "', "statement is ' ': write a non-empty string"),
    "no slug": ("quadratics/gd-radius", "gd-radius", "write it as chapter/slug"),
    "capitals": ("gd-radius", "GD-radius", "lower-case letters, digits and hyphens"),
    "chapter": ("quadratics/gd", "quadratic/gd", "not in .chapters.: did you mean 'quadratics'"),
    "low above high": ("[0, 1e-12]", "[1, 0]", r"accept.deviation is \[1, 0\], low above high"),
    "one end": ("[0, 1e-12]", "[0]", r"accept.deviation is \[0\]: write two numbers"),
    "nan": ("[0, 1e-12]", "[0, nan]", "write two numbers"),
    "boolean": ("[0, 1e-12]", "[false, true]", "write two numbers"),
    "no quantity": (GOOD[GOOD.index("accept") :], "accept = {}", "name at least one quantity"),
    "table": ("[chapters]", "[chapter]", "unknown table 'chapter': did you mean 'chapters'"),
    "not TOML": ("[[claim]]", "[[claim]", "not valid TOML"),
    "title": ('"Quadratics"', '""', "give the chapter's title"),
}


@pytest.mark.parametrize(("old", "new", "message"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_named_with_its_remedy(read, old, new, message):
    assert old in GOOD
    with pytest.raises(ValueError, match=message) as caught:
        read(GOOD.replace(old, new))
    assert "claims.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_id_used_twice_is_named(read):
    with pytest.raises(ValueError, match="'quadratics/gd-radius': id is used twice"):
        read(GOOD + GOOD[GOOD.index("[[claim]]") :])
