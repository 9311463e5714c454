"""What the local theorems share is tested with each of them; here what they take."""

from __future__ import annotations

import math

import pytest

from rootkappa import Spectrum
from rootkappa.theorems import LocalHeavyBall, LocalNesterov, OptimalLocalNesterov


@pytest.mark.parametrize("theorem", [LocalHeavyBall(), LocalNesterov(), OptimalLocalNesterov()])
@pytest.mark.parametrize("question", ["check", "tuning", "rate"])
def test_they_take_a_spectrum(theorem, question):
    with pytest.raises(TypeError, match="takes a Spectrum here, got int: give one"):
        getattr(theorem, question)(3)


LOCAL = [LocalHeavyBall(), LocalNesterov(), OptimalLocalNesterov()]
BOUNDS = Spectrum(0.5, 8.0)


@pytest.mark.parametrize("theorem", LOCAL, ids=lambda theorem: type(theorem).__name__)
def test_what_a_run_met_is_compared_with_both_ends_of_the_spectrum(theorem):
    report = theorem.along(BOUNDS, pl=0.6, lipschitz=4.0)
    assert report.holds
    assert report.theorem == theorem.name
    lines = {item.name: (item.needed, item.measured) for item in report.hypotheses}
    smooth = "four" if isinstance(theorem, LocalHeavyBall) else "twice"
    assert lines == {
        "least eigenvalue above 0": (0.0, 0.5),
        f"{smooth}{' times' if smooth == 'four' else ''} differentiable": (True, True),
        "PL constant along the run at least mu": (0.5, 0.6),
        "gradients along the run L-Lipschitz": (4.0, 8.0),
    }


@pytest.mark.parametrize(
    ("pl", "lipschitz", "unmet"),
    [
        (0.5, 8.0, []),
        (0.499, 8.0, ["PL constant along the run at least mu"]),
        (0.5, 8.001, ["gradients along the run L-Lipschitz"]),
        (math.nan, math.nan, ["PL constant along the run at least mu",
                              "gradients along the run L-Lipschitz"]),
    ],
)  # fmt: skip
def test_each_number_of_a_run_can_fail_by_itself(pl, lipschitz, unmet):
    assert list(LocalNesterov().along(BOUNDS, pl, lipschitz).unmet) == unmet


@pytest.mark.parametrize("theorem", LOCAL, ids=lambda theorem: type(theorem).__name__)
def test_along_takes_a_spectrum_too(theorem):
    with pytest.raises(TypeError, match="takes a Spectrum here, got NoneType: give one"):
        theorem.along(None, 1.0, 1.0)
    assert theorem.check(BOUNDS).unmet == ()
    assert [item.measured for item in theorem.check(BOUNDS).hypotheses] == [0.5]
