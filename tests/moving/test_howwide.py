"""How wide is wide: the stored runs are the library's, and what is said of them."""

import json

import pytest

from rootkappa.evidence.deep_linear import how_wide
from tests.moving.conftest import data_of


@pytest.mark.parametrize("width", [32, 10**6])
def test_a_width_is_computed_again(width):
    stored = next(one for one in data_of("howwide")["widths"] if one["width"] == width)
    ours = how_wide.of_width(width, how_wide.SEEDS)
    assert ours["held"] == stored["held"]
    for name in ("run", "slowest", "frozen"):
        assert ours[name] == pytest.approx(stored[name], abs=2)
    for name in ("gap", "start", "end"):
        assert ours[name] == pytest.approx(stored[name], rel=2e-2)


def test_all_widths_are_stored_beside_the_theorem():
    stored = data_of("howwide")
    assert [one["width"] for one in stored["widths"]] == list(how_wide.WIDTHS)
    theorem = json.loads(how_wide.compact(how_wide.SEEDS, ()))
    assert {name: stored[name] for name in theorem if name != "widths"} == {
        name: value for name, value in theorem.items() if name != "widths"
    }


def test_the_gap_falls_like_one_over_the_width():
    gaps = {one["width"]: one["gap"][1] for one in data_of("howwide")["widths"]}
    for width in how_wide.WIDTHS[-4:]:
        assert gaps[width] * width == pytest.approx(gaps[10**8] * 10**8, rel=0.05)


@pytest.mark.parametrize("width", how_wide.WIDTHS)
def test_the_sentence_says_what_is_stored(script, width):
    data = data_of("howwide")
    one = next(one for one in data["widths"] if one["width"] == width)
    says, words = script("howwide").show(data, width=width)["says"], script("howwide").words
    assert f"by at most {words(100 * one['gap'][1], 2)} % of the start" in says
    assert f"between {words(one['start'][0])} and {words(one['start'][1])} of their mean" in says
    low, high = data["window"]
    inside = low <= one["start"][0] and one["start"][1] <= high
    assert ("not inside" in says) is not inside
    assert f"a width of about {words(data['asked'], 2)}" in says


@pytest.mark.parametrize(("start", "inside"), [([0.5, 2], True), ([0.5, 3], False)])
def test_a_window_has_two_ends(script, start, inside):
    data = data_of("howwide")
    widths = [one | {"start": start} for one in data["widths"]]
    says = script("howwide").show(data | {"widths": widths}, width=16)["says"]
    assert ("not inside" in says) is not inside


def test_curves_are_what_is_stored(script):
    data = data_of("howwide")
    lines = [
        mark["line"]
        for mark in script("howwide").show(data, width=256)["panels"][0]["marks"]
        if "line" in mark
    ]
    one = data["widths"][4]
    for line, values in zip(lines, (data["bound"], one["frozen"], one["slowest"]), strict=True):
        assert [step for step, _ in line] == list(range(0, how_wide.STEPS + 1, how_wide.EVERY))
        assert [height for _, height in line] == pytest.approx([10 ** (v / 100) for v in values])
