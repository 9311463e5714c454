"""The verdict as a table of cases."""

from __future__ import annotations

import re

import pytest

from rootkappa.diagnosis.forecast import Forecast
from rootkappa.diagnosis.laziness import Laziness
from rootkappa.diagnosis.verdict import Standing, gain, standing, verdict
from rootkappa.optimizers import gradient_descent


def _lazy(drift, top):
    gone = {"heavy ball": drift / 2}
    return Laziness(0.1, drift, gone, top, weight_move=0.1, outputs=8)


def _forecasts(*steps):
    names = ("gradient descent", "heavy ball", "nesterov")
    method = gradient_descent(1.0)
    return {n: Forecast(n, method, s, 2.0) for n, s in zip(names, steps, strict=True)}


CASES = [
    (
        0.03,
        1.0,
        Standing.SPEAKS,
        "about the forecast steps; momentum saves about a factor of 10, seldom more",
    ),
    (
        0.20,
        1.0,
        Standing.SPEAKS,
        "the forecast steps, fewer for gradient descent; momentum saves about",
    ),
    (0.25, 2.0, Standing.INDICATES, "moves by 25 %, but lambda_max does not outgrow"),
    (0.25, 2.1, Standing.SILENT, "would grow by a factor of 2.1, .*Train for some 50 careful"),
    (90.0, 1e4, Standing.SILENT, "a factor of 1e.04, .* Take a far smaller step size; train"),
]


@pytest.mark.parametrize(("drift", "top", "found", "words"), CASES)
def test_the_standing_follows_from_drift_and_growth(drift, top, found, words):
    lazy = _lazy(drift, top)
    assert standing(lazy) == found
    said = verdict(_forecasts(100, 10, 12), lazy)
    assert said.startswith(str(found).capitalize())
    assert re.search(words, said)


def test_a_kernel_that_moves_on_the_way_counts_as_moved():
    lazy = Laziness(0.1, 0.01, {"heavy ball": 0.4, "nesterov": 0.1}, 1.0, 0.1, 8)
    assert lazy.moved == 0.4
    assert standing(lazy) == Standing.INDICATES


@pytest.mark.parametrize(
    ("steps", "ratio"),
    [((100, 10, 20), 10), ((100, None, 20), 5), ((None, 3, 3), None), ((9, None, None), None)],
)
def test_the_gain_is_that_of_the_better_method(steps, ratio):
    assert gain(_forecasts(*steps)) == ratio
    if ratio is None:
        assert "an unknown factor" in verdict(_forecasts(*steps), _lazy(0.1, 1.0))
