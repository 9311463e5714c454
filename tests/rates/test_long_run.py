import math

import numpy as np
import pytest
import torch

from rootkappa.dynamics import frozen_norms
from rootkappa.optimizers import tunings
from rootkappa.rates import linear_or_sublinear
from rootkappa.rates.long_run import _law

T = np.arange(2001.0)


def quartic():
    """Gradient descent on x^4 / 4."""
    x, read = 1.0, []
    for _ in T:
        read.append(x)
        x -= 0.2 * x**3
    return np.array(read)


def quadratic(tuning, kappa, steps):
    eigenvalues = torch.logspace(-math.log10(kappa), 0, 8, dtype=torch.float64)
    return frozen_norms(tuning(1 / kappa, 1.0), eigenvalues, torch.ones(8), steps)


def noisy(norms):
    return norms * np.exp(0.1 * np.random.default_rng(2).standard_normal(len(norms)))


def floor(level):
    return level * np.abs(np.random.default_rng(2).standard_normal(len(T)))


CASES = {
    "slow exponential": (0.999**T, "linear"),
    "fast exponential": (0.9**T, "linear"),
    "noisy exponential": (noisy(0.99**T), "linear"),
    "1/t": (1 / (1 + T), "sublinear"),
    "1/t^2": ((1 + T) ** -2, "sublinear"),
    "x^4": (quartic(), "sublinear"),
    "stretched": (np.exp(-(T**0.6) / 5), "sublinear"),
    "power law, then exponential": ((1 + T) ** -0.7 * np.exp(-T / 300), "linear"),
    "heavy ball on a quadratic": (quadratic(tunings.modular_heavy_ball, 100.0, 600), "linear"),
    "gradient descent": (quadratic(tunings.classical_gradient_descent, 50.0, 1000), "linear"),
    "constant": (np.ones(500), "cannot tell"),
    "hardly falls": (0.9999 ** T[:1000], "cannot tell"),
    "noise": (np.random.default_rng(0).random(500) + 0.1, "cannot tell"),
}
# What a line against t and a line against log t misjudge: (t + 2000)^-8 may be told, all others
# are beyond the run, or within it by chance.
COUNTEREXAMPLES = {
    "cut off at the run's length": ((1 + T) ** -1.5 * np.exp(-T / 2000), {"cannot tell", "linear"}),
    "exponential onto a floor": (0.98**T + floor(1e-6), {"cannot tell", "linear"}),
    "late onset": ((T + 2000) ** -8, {"cannot tell", "sublinear"}),
    "steps of a slow oscillation": (
        quadratic(tunings.lazy_nesterov, 100.0, 500),
        {"cannot tell", "linear"},
    ),
    "nearly an exponential": (np.exp(-(T**0.8) / 30), {"cannot tell", "sublinear"}),
}


@pytest.mark.parametrize("case", CASES)
def test_law(case):
    norms, expected = CASES[case]
    found = linear_or_sublinear(norms)
    assert found.law == expected
    assert bool(found.reason) or expected != "cannot tell"


@pytest.mark.parametrize("case", COUNTEREXAMPLES)
def test_counterexamples_are_not_misjudged(case):
    norms, possible = COUNTEREXAMPLES[case]
    assert linear_or_sublinear(norms).law in possible


def test_the_limit_rate_of_an_exponential():
    found = linear_or_sublinear(0.99 ** T[:1000])
    assert found.factor[0] <= 0.99 <= found.factor[1]
    assert found.share[0] > 0.9
    assert linear_or_sublinear(1 / (1 + T)).factor[1] == 1.0


def test_a_floor_is_left_out_and_named():
    found = linear_or_sublinear(0.98**T + floor(1e-6))
    assert "a floor at" in found.reason
    assert found.window[1] < 900


@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_scale_does_not_matter(scale):
    found, other = linear_or_sublinear(0.98**T), linear_or_sublinear(scale * 0.98**T)
    assert other.window == found.window
    assert other.share == pytest.approx(found.share, rel=1e-6)


@pytest.mark.parametrize("kind", [list, np.array, torch.tensor])
def test_nan_after_the_end_is_dropped(kind):
    norms = kind([*(0.99 ** T[:1000]), math.nan, math.nan])
    assert linear_or_sublinear(norms).window[1] == 999


@pytest.mark.parametrize(
    ("norms", "reason"),
    [
        (0.9 ** T[:6], "only 4 steps lie above the floor"),
        (0.9999 ** T[:1000], "falls by less than a factor 3"),
    ],
)
def test_reasons(norms, reason):
    assert reason in linear_or_sublinear(norms).reason


@pytest.mark.parametrize(
    ("norms", "options", "message"),
    [
        (0.9**T, {"skip": 1.0}, r"skip must lie in \[0, 1\), got 1.0"),
        (np.zeros(50), {}, "start above 0"),
        (np.ones((2, 50)), {}, r"got \(2, 50\)"),
    ],
)
def test_messages(norms, options, message):
    with pytest.raises(ValueError, match=message):
        linear_or_sublinear(norms, **options)


@pytest.mark.parametrize(("skip", "first"), [(0.0, 1), (0.1, 99), (0.5, 499)])
def test_a_leading_share_is_left_out(skip, first):
    assert linear_or_sublinear(0.99 ** T[:1000], skip).window == (first, 999)


def test_what_lies_below_the_rounding_is_left_out():
    found = linear_or_sublinear(0.9 ** T[:400], rounding=1e-6)
    # The energy of two steps is 0.9^t times a constant near 1.
    assert found.window[1] == pytest.approx(math.log(1e-6) / math.log(0.9), abs=1.5)


def test_the_share_is_the_limit_over_the_last_rate():
    exponential = linear_or_sublinear(0.99 ** T[:1000])
    assert exponential.share == pytest.approx((1, 1), abs=0.05)
    assert exponential.factor == pytest.approx((0.99, 0.99), abs=1e-3)
    power = linear_or_sublinear((1 + T) ** -2)
    assert power.share[0] == 0.0
    assert power.share[1] < 0.4
    unknown = linear_or_sublinear(np.ones(500))
    assert (unknown.share, unknown.factor) == ((0.0, math.inf), (0.0, 1.0))


@pytest.mark.parametrize(
    ("norms", "reason"),
    [
        (np.r_[0.999 ** T[:700], 0.999**700 * 0.9 ** T[:200]], "none of the laws fits"),
        (
            (1 + T[:1000]) ** -1.5 * np.exp(-T[:1000] / 1000),
            "there is a limit rate, but most of the present one may vanish",
        ),
    ],
)
def test_why_it_cannot_be_told(norms, reason):
    found = linear_or_sublinear(norms)
    assert found.law == "cannot tell"
    assert reason in found.reason


@pytest.mark.parametrize(
    ("low", "high", "law"),
    [
        (0.5, 9.0, "linear"),
        (0.49, 0.6, "cannot tell"),
        (0.1, 0.39, "sublinear"),
        (0.1, 0.4, "cannot tell"),
        (0.0, 0.0, "sublinear"),
        (0.11, 0.3, "cannot tell"),
    ],
)
def test_the_share_that_remains_decides(low, high, law):
    found, reason = _law(low, high)
    assert found == law
    assert bool(reason) == (law == "cannot tell")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rounding": 1.0}, r"rounding must lie in \[0, 1\), got 1"),
        ({"skip": -0.1}, r"skip must lie in \[0, 1\), got -0.1"),
    ],
)
def test_shares_outside_their_range_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        linear_or_sublinear(0.9**T, **options)
