"""How wide is wide: the stored runs are the library's, and what is said of them."""

import json

import pytest

from rootkappa.evidence.deep_linear import how_wide as linear
from rootkappa.evidence.two_layer_relu import how_wide as relu
from tests.moving.conftest import data_of

CHAPTERS = {"deep-linear": linear, "two-layer-relu": relu}
EACH = pytest.mark.parametrize("chapter", CHAPTERS)


@pytest.fixture
def data(chapter):
    return data_of("howwide", chapter)


@pytest.mark.parametrize(
    ("chapter", "width"), [("deep-linear", 32), ("deep-linear", 10**6), ("two-layer-relu", 64)]
)
def test_a_width_is_computed_again(data, chapter, width):
    stored = next(one for one in data["widths"] if one["width"] == width)
    ours = CHAPTERS[chapter].of_width(width, CHAPTERS[chapter].SEEDS)
    assert ours["held"] == stored["held"]
    for name in ("run", "slowest", "frozen"):
        assert ours[name] == pytest.approx(stored[name], abs=2)
    for name in ("gap", "start", "end"):
        assert ours[name] == pytest.approx(stored[name], rel=2e-2)


@EACH
def test_all_widths_are_stored_beside_the_theorem(data, chapter):
    source = CHAPTERS[chapter]
    assert [one["width"] for one in data["widths"]] == list(source.WIDTHS)
    theorem = json.loads(source.compact(source.SEEDS, ()))
    assert {name: data[name] for name in theorem if name != "widths"} == {
        name: value for name, value in theorem.items() if name != "widths"
    }


@pytest.mark.parametrize(
    ("chapter", "power", "close"), [("deep-linear", 1, 0.05), ("two-layer-relu", 0.5, 0.5)]
)
def test_the_gap_falls_as_its_law_says(data, power, close):
    gaps = {one["width"]: one["gap"][1] for one in data["widths"][-4:]}
    widest = max(gaps)
    for width, gap in gaps.items():
        assert gap * width**power == pytest.approx(gaps[widest] * widest**power, rel=close)


@EACH
def test_the_sentence_says_what_is_stored(script, data):
    for one in data["widths"]:
        says = script("howwide").show(data, width=one["width"])["says"]
        words = script("howwide").words
        assert f"by at most {words(100 * one['gap'][1], 2)} % of the start" in says
        assert f"between {words(one['start'][0])} and {words(one['start'][1])} of their" in says
        low, high = data["window"]
        inside = low <= one["start"][0] and one["start"][1] <= high
        assert ("not inside" in says) is not inside
        assert f"a width of about {words(data['asked'], 2)}" in says
        assert f"in the median of {one.get('draws', data['draws'])} draws" in says


@pytest.mark.parametrize("chapter", ["deep-linear"])
@pytest.mark.parametrize(("start", "inside"), [([0.5, 2], True), ([0.5, 3], False)])
def test_a_window_has_two_ends(script, data, start, inside):
    widths = [one | {"start": start} for one in data["widths"]]
    says = script("howwide").show(data | {"widths": widths}, width=16)["says"]
    assert ("not inside" in says) is not inside


@EACH
def test_curves_are_what_is_stored(script, data, chapter):
    shown = script("howwide").show(data, width=256)["panels"]
    lines = [mark["line"] for mark in shown[0]["marks"] if "line" in mark]
    one, source = data["widths"][4], CHAPTERS[chapter]
    for line, values in zip(lines, (data["bound"], one["frozen"], one["slowest"]), strict=True):
        assert [step for step, _ in line] == list(range(0, source.STEPS + 1, source.EVERY))
        assert [height for _, height in line] == pytest.approx([10 ** (v / 100) for v in values])
    assert shown[1]["x"]["max"] > data["asked"]
