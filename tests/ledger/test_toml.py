"""claims.toml read strictly: a sentence for every mistake."""

import tomllib
from pathlib import Path

import pytest

from rootkappa import ledger
from rootkappa.ledger import _toml
from tests.strangers import PLAIN, exchanged, places, without

GOOD = (Path(__file__).parent / "good.toml").read_text(encoding="utf-8")
POPULATION = 'population = { of = "data", draws = 20, share = [0.8, 1] }\naccept'


MISTAKES = {
    "misspelt key": ("predicted =", "predictd =", "unknown key 'predictd': did you mean 'pred"),
    "missing key": ('kind = "equality"\n', "", "key 'kind' is missing: add it"),
    "kind": ('"equality"', '"equalty"', "kind is 'equalty': did you mean 'equality'"),
    "source": ('"derived"', '"guessed"', "source is 'guessed': use one of full-text, authors-code"),
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
    "prediction": ("accept", 'prediction = "guess"\naccept', "prediction is 'guess': use one of d"),
    "no page": ("accept", 'prediction = "printed"\naccept', "is printed: say on which page"),
    "second": ("accept", 'second = "tests/a.py"\naccept', "write tests/file.py::test_name, or no"),
    "nontrivial": ("accept", 'nontrivial = "late"\naccept', "nontrivial belongs to bounds"),
    "breaks": ("accept", "breaks = true\naccept", "breaks is True: write a non-empty string"),
    "population": ("accept", "population = 20\naccept", "population is 20: write { of ="),
    "no share": ("accept", "population = { draws = 20 }\naccept", "write { of ="),
    "of": ("accept", POPULATION.replace("data", " "), "population.of is ' ': write a non-empty"),
    "draws": ("accept", POPULATION.replace("20", "true"), "population.draws is True: write how"),
    "before the first": (
        "accept",
        POPULATION.replace("share", "first = -1, share"),
        "population.first is -1: write the seed of the first draw",
    ),
    "few draws": ("accept", POPULATION.replace("20", "0"), "population.draws is 0: write how"),
    "share": ("accept", POPULATION.replace("0.8", "-1"), "population.share is .*keep within"),
    "share down": ("accept", POPULATION.replace("0.8", "2"), "low above high: swap the two"),
    "a name": (
        "accept",
        'names = { deviatoin = "error" }\naccept',
        "unknown quantity .deviatoin.: did you",
    ),
    "names": ("accept", "names = 5\naccept", "names is 5: say what quantities of accept are"),
    "no phrase": (
        "accept",
        'names = { ratio = "" }\naccept',
        "names.ratio is .*: write a non-empty",
    ),
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


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"\xff\xfe", "not valid TOML"),
        ('claim = [1]\n[chapters]\nx = "X"', "claim no. 1 is 1: write it under"),
        ('claim = 1\n[chapters]\nx = "X"', "there is no claim: write each under"),
        ("chapters = 1", "add one line slug"),
        ("[chapters]", "add one line slug"),
        (
            GOOD.replace('"Quadratics"', "5"),
            r"\[chapters\] quadratics is 5: give the chapter's title",
        ),
        (GOOD.replace('"quadratics/gd-radius"', "5"), "id is 5: write a non-empty string"),
        (GOOD.replace('"equality"', '["equality"]'), r"kind is \['equality'\]: write a non-empty"),
    ],
)
def test_what_is_no_ledger_at_all(read, text, message):
    with pytest.raises(ValueError, match=message):
        read(text)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere\.toml: give the path of claims\.toml"):
        ledger.read_claims(tmp_path / "nowhere.toml")


CHAPTERS = {"quadratics": "Quadratics"}
# A claim with every key, and what each may be instead: another text, an open claim, any number.
FULL = tomllib.loads(GOOD)["claim"][0] | {
    "kind": "bound",
    "note": "none",
    "nontrivial": "step 20",
    "breaks": "the step size",
    "prediction": "printed",
    "page": "p. 3",
    "second": "tests/a.py::test_b",
    "population": {"of": "data", "draws": 20, "share": [0.8, 1]},
    "names": {"ratio": "their ratio"},
}
TEXTS = {"paper", "statement", "predicted", "control", "note", "nontrivial", "breaks", "page"}


def test_a_claim_with_every_key_is_sound():
    _toml._check_entry("claims.toml", 1, FULL, CHAPTERS)
    assert set(FULL) == set(_toml.KEYS)


@pytest.mark.parametrize("place", list(places(FULL)), ids=".".join)
def test_every_entry_that_cannot_be_is_named(place):
    for stranger, value in PLAIN.items():
        told = place[-1] in TEXTS | {"of"} or place[:-1] == ("names",)
        text = told and stranger == "word"
        if text:
            _toml._check_entry("claims.toml", 1, exchanged(FULL, place, value), CHAPTERS)
            continue
        with pytest.raises(ValueError, match=r"^claims\.toml: claim [^\n]+: [^\n]+[.?]$"):
            _toml._check_entry("claims.toml", 1, exchanged(FULL, place, value), CHAPTERS)


@pytest.mark.parametrize("key", _toml.TEXTS)
def test_every_key_that_must_be_there_is_missed(key):
    with pytest.raises(ValueError, match=rf"key '{key}' is missing: add it|claim no\. 1"):
        _toml._check_entry("claims.toml", 1, without(FULL, (key,)), CHAPTERS)


@pytest.mark.parametrize("key", [key for key in FULL if key not in (*_toml.TEXTS, "page")])
def test_every_other_key_may_be_left_out(key):
    _toml._check_entry("claims.toml", 1, without(FULL, (key,)), CHAPTERS)


@pytest.mark.parametrize("share", ["[0, 1]", "[0, 0]", "[1, 1]", "[0.5, 0.5]"])
def test_a_share_may_reach_to_both_ends(read, share):
    claim = read(GOOD.replace("accept", POPULATION.replace("[0.8, 1]", share)))
    low, high = claim["quadratics/gd-radius"].population.share
    assert f"[{low:g}, {high:g}]" == share
