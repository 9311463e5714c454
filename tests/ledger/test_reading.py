"""What chapters give, read: once or draw by draw."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from rootkappa.ledger import Binomial, Claim
from rootkappa.ledger import _reading as reading
from rootkappa.ledger._reading import control, joint, read, summarised
from rootkappa.ledger.claims import Population
from rootkappa.ledger.measurements import Measured, Spread

CLAIM = Claim("a/b", "ours", "derived", "bound", "s", "p", "c", {"x": (0, 1), "y": (0, 1)})


@pytest.mark.parametrize(
    "draws", [[0.5, 2.0], np.array([0.5, 2.0]), torch.tensor([0.5, 2.0]), [np.float32(0.5), 2]]
)
def test_one_number_a_draw(draws):
    assert read(CLAIM, {"x": draws}, "measured") == {"x": [0.5, 2.0]}


@pytest.mark.parametrize("once", [0.5, torch.tensor(0.5), (0.5, (0.4, 0.6)), Binomial(1, 2)])
def test_one_number_for_all(once):
    (value,) = read(CLAIM, {"x": once}, "measured").values()
    assert isinstance(value, Measured)
    assert value.value == 0.5


def test_draws_are_counted_together():
    raw = {"x": [0.5, 0.5, 2.0, 2.0], "y": [0.5, 2.0, 0.5, 2.0]}
    assert joint(CLAIM, raw) == Binomial(1, 4)
    assert joint(CLAIM, {"x": Measured(0.5)}) is None
    assert joint(replace(CLAIM, accept={"x": (0, 3)}), {"x": raw["x"]}) == Binomial(4, 4)


def test_only_draws_become_a_spread():
    kept = summarised({"x": [0.5, 2.0], "y": Measured(0.5)}, CLAIM.accept)
    assert kept == {"x": Spread(2, 1, 1.25, 0.5, 2.0), "y": Measured(0.5)}


DRAWN = replace(CLAIM, population=Population("data", 3, (0.5, 1.0)))
CONTROLS = {
    "once": (CLAIM, {"x": 0.5, "y": 0.25}, r"\(x = 0.5, y = 0.25\)"),
    "drawn": (
        DRAWN,
        {"x": [0.5, 0.5, 2.0], "y": [0.5, 0.5, 0.5]},
        r"\(in 2 of 3 draws\)",
    ),
    "both": (
        DRAWN,
        {"x": [0.5, 0.5, 0.5], "y": 0.125},
        r"\(y = 0.125, in 3 of 3 draws\)",
    ),
}


@pytest.mark.parametrize("case", CONTROLS)
def test_a_control_that_passes_says_by_which_numbers(case):
    claim, failing, shown = CONTROLS[case]
    measured = {name: [0.5] * 3 if isinstance(x, list) else 0.5 for name, x in failing.items()}
    with pytest.raises(ValueError, match=rf"the control 'a step' passes the check {shown}, and a"):
        control(claim, "a step", failing, read(claim, measured, "measured"))


def test_a_control_has_as_many_draws_as_its_claim():
    measured = read(DRAWN, {"x": [0.5] * 3, "y": [0.5] * 3}, "measured")
    with pytest.raises(ValueError, match="the control 'a step' has 2 draws: draw as many as for"):
        control(DRAWN, "a step", {"x": [2.0, 2.0], "y": [2.0, 2.0]}, measured)
    fails = {"x": [2.0] * 3, "y": [0.5] * 3}
    assert control(DRAWN, "a step", fails, measured) == read(DRAWN, fails, "control")


@pytest.mark.parametrize(
    "values", [{"x": [0.5, np.nan, 0.5], "y": [0.5] * 3}, {"x": [0.5] * 3, "y": [np.nan] * 3}]
)
def test_one_draw_that_is_no_number_is_named(values):
    name = "x" if np.isnan(values["x"]).any() else "y"
    with pytest.raises(ValueError, match=f"measured {name} is NaN, which says nothing: find out"):
        reading.measured(DRAWN, values)


def test_what_is_not_measured_is_missed():
    with pytest.raises(ValueError, match="claim 'a/b': measured lacks y: measure it too"):
        reading.measured(DRAWN, {"x": [0.5] * 3})
