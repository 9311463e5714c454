"""Hypotheses are counted from reports, and cannot be typed."""

from types import SimpleNamespace

import pytest

from rootkappa.ledger.hypotheses import Hypotheses

MET = SimpleNamespace(holds=True, unmet=())
NARROW = SimpleNamespace(holds=False, unmet=("width",))
SHALLOW = SimpleNamespace(holds=False, unmet=("depth", "width"))
CASES = {
    "nothing assumed": ((), (0, 0, {}), True, "none assumed"),
    "one report": (MET, (1, 1, {}), True, "met"),
    "one unmet": (SHALLOW, (1, 0, {"depth": 1, "width": 1}), False, "not met: depth; width"),
    "all draws": ([MET] * 20, (20, 20, {}), True, "met in 20 of 20 draws"),
    "nearly all": (
        [MET] * 19 + [NARROW],
        (20, 19, {"width": 1}),
        True,
        "met in 19 of 20 draws, not met: width (1)",
    ),
    "too few": (
        [MET] * 18 + [NARROW, SHALLOW],
        (20, 18, {"width": 2, "depth": 1}),
        False,
        "met in 18 of 20 draws, not met: width (2); depth (1)",
    ),
    "two theorems a draw": (
        [(MET, NARROW), (NARROW, SHALLOW), (MET, MET)],
        (3, 1, {"width": 2, "depth": 1}),
        False,
        "met in 1 of 3 draws, not met: width (2); depth (1)",
    ),
}


@pytest.mark.parametrize(("reports", "counts", "hold", "text"), CASES.values(), ids=CASES)
def test_counting(reports, counts, hold, text):
    found = Hypotheses.read(reports)
    assert (found.checked, found.met, found.unmet) == counts
    assert found.hold is hold
    assert str(found) == text


@pytest.mark.parametrize("typed", [True, False, None, "width", ["width"], [True] * 20, 5, {"a": 1}])
def test_what_is_typed_is_refused(typed):
    with pytest.raises(TypeError, match="give what the theorem's check returned on each draw"):
        Hypotheses.read(typed)
