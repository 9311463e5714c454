import math

import numpy as np
import pytest
import torch
from scipy import stats

from rootkappa.rates import scaling, scaling_exponent

X = np.array([4.0, 16.0, 64.0, 256.0, 1024.0])


def covers(draw, expected, repetitions=200, **options):
    """How improbable it is that so few intervals cover, at 93 of 100."""
    rng = np.random.default_rng(5)
    covered = sum(
        scaling_exponent(X, draw(rng), **options).contains(expected) for _ in range(repetitions)
    )
    return stats.binom.cdf(covered, repetitions, 0.93)


@pytest.mark.parametrize("exponent", [1.0, 0.5, -0.5, -1.0])
def test_exact_laws(exponent):
    fit = scaling_exponent(X, 3 * X**exponent)
    assert (fit.value, fit.intercept) == pytest.approx((exponent, math.log(3)), abs=1e-12)
    assert fit.interval == pytest.approx((exponent, exponent), abs=1e-12)
    assert fit.points == 5


@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
def test_one_seed_against_scipy(confidence):
    y = X * np.exp(0.1 * np.random.default_rng(3).standard_normal(5))
    fit = scaling_exponent(X, y, confidence)
    oracle = stats.linregress(np.log(X), np.log(y))
    reach = stats.t.ppf(0.5 + confidence / 2, 3) * oracle.stderr
    assert (fit.value, fit.degrees) == pytest.approx((oracle.slope, 3), rel=1e-12)
    assert fit.intercept == pytest.approx(oracle.intercept, rel=1e-10)
    assert fit.interval == pytest.approx((oracle.slope - reach, oracle.slope + reach), rel=1e-10)


def test_the_two_variances_by_hand():
    """Seeds with slopes 0.4 and 0.6 and no misfit: the error of their mean is 0.1."""
    fit = scaling_exponent(X, np.stack([X**0.4, X**0.6], 1))
    assert (fit.value, fit.degrees) == pytest.approx((0.5, 1))
    assert fit.interval[1] - 0.5 == pytest.approx(0.1 * stats.t.ppf(0.975, 1))


@pytest.mark.parametrize(
    "draw",
    [
        lambda rng: X**0.5 * np.exp(0.3 * rng.standard_normal(5)),
        lambda rng: (X**0.5)[:, None] * np.exp(0.3 * rng.standard_normal((5, 6))),
        lambda rng: X[:, None] ** (0.5 + 0.05 * rng.standard_normal(6)),  # shared seeds
        lambda rng: (
            (X**0.5 * np.exp(0.2 * rng.standard_normal(5)))[:, None]
            * np.exp(0.01 * rng.standard_normal((5, 6)))
        ),  # an effect of each x
    ],
    ids=["independent", "columns", "shared seeds", "clustered columns"],
)
def test_intervals_cover(draw):
    assert covers(draw, 0.5) > 1e-3


def test_rounded_counts():
    def draw(rng):
        return np.ceil(rng.uniform(1.5, 6) * X**0.3)

    assert covers(draw, 0.3, rounded=True) > 1e-3
    # By hand: the weights of log y are -1/(4 log 2), 0 and 1/(4 log 2).
    interval = scaling_exponent([4, 16, 64], [3, 6, 12], rounded=True).interval
    weight = 1 / (4 * math.log(2))
    expected = (0.5 - weight * math.log(12 / 11), 0.5 + weight * math.log(3 / 2))
    assert interval == pytest.approx(expected)
    exact = scaling_exponent(X, 2 + np.log(X)).interval
    counted = scaling_exponent(X, 2 + np.log(X), rounded=True).interval
    assert counted[0] < exact[0] < exact[1] < counted[1]


@pytest.mark.parametrize(("share", "power"), [(1.0, 1.0), (1.0, 0.5), (-0.5, 1.0)])
def test_corrections_to_scaling(share, power):
    bent = X**0.5 * (1 + share * (X / 4) ** -power)
    assert not scaling_exponent(X[:3], bent[:3], 0.5).contains(0.5)
    assert scaling_exponent(X, bent, corrections=True).contains(0.5)


@pytest.mark.parametrize("kind", [list, np.array, torch.tensor])
def test_lists_arrays_and_tensors(kind):
    fit = scaling_exponent(kind([1, 10, 100]), kind([2, 20, 200]))
    assert fit.value == pytest.approx(1)


@pytest.mark.parametrize(
    ("x", "y", "options", "message"),
    [
        ([1.0, 2.0], [1.0, 2.0], {}, "got 2 different x.*needs 3"),
        ([2.0, 2.0, 3.0], [1.0, 2.0, 3.0], {}, "got 2 different x"),
        ([1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 4.0], {"corrections": True}, "needs 5: sweep"),
        ([1.0, 2.0, 0.0], [1.0, 2.0, 3.0], {}, "x must hold finite numbers above 0, got 0.0"),
        ([1.0, 2.0, 3.0], [1.0, math.inf, 3.0], {}, "y must hold.*got inf.*drop runs"),
        ([1.0, 2.0, 3.0], [1.0, math.nan, 3.0], {}, "y must hold.*got nan"),
        ([1.0, 2.0, 3.0], [1.0, 2.0], {}, r"x has shape \(3,\) and y \(2, 1\)"),
        (
            [1.0, 2.0, 3.0],
            [1.0, 2.0, 3.0],
            {"confidence": 95},
            r"strictly between 0 and 1, got 95: use 0.95",
        ),
        ([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], {"rounded": True}, "a rounded count of 1"),
    ],
)
def test_messages(x, y, options, message):
    with pytest.raises(ValueError, match=message):
        scaling_exponent(x, y, **options)


@pytest.mark.parametrize("columns", [2, 3])
def test_the_interval_of_a_fit_is_that_of_least_squares(columns):
    """Student's interval of the second coefficient, by the normal equations."""
    source = np.random.default_rng(4)
    x = np.linspace(1, 3, 8)
    design = np.stack([np.ones(8), x, np.sin(3 * x)][:columns], 1)
    logs = design @ [0.3, 0.5, -0.2][:columns] + 0.05 * source.standard_normal(8)
    y = np.exp(logs)[:, None]
    found = scaling._fit(scaling._Law(design, np.zeros(8)), y, y, 0.9)
    inverse = np.linalg.inv(design.T @ design)
    coefficients = inverse @ design.T @ logs
    variance = ((logs - design @ coefficients) ** 2).sum() / (8 - columns)
    reach = stats.t.ppf(0.95, 8 - columns) * np.sqrt(variance * inverse[1, 1])
    assert found.value == pytest.approx(coefficients[1])
    assert found.interval == pytest.approx((found.value - reach, found.value + reach))
    assert found.degrees == pytest.approx(8 - columns)


@pytest.mark.parametrize(
    ("parts", "degrees"),
    [
        ([(1.0, 3), (0.0, 5)], 3.0),
        ([(0.0, 3), (2.0, 5)], 5.0),
        ([(1.0, 4), (1.0, 4)], 8.0),
        ([(3.0, 3), (1.0, 2)], 16 / 3.5),
        ([(0.0, 3), (0.0, 5)], 3.0),
        ([(1.0, 3), (0.0, 0)], 3.0),
    ],
    ids=["by x alone", "by seeds alone", "equal", "both", "exact", "one seed"],
)
def test_degrees_of_freedom_of_a_sum_by_hand(parts, degrees):
    assert scaling._satterthwaite(parts) == pytest.approx(degrees)


def test_ends_belong_to_the_interval():
    fit = scaling.Exponent(0.5, (0.25, 0.75), 0.0, 3, 1.0)
    assert [fit.contains(x) for x in (0.24, 0.25, 0.5, 0.75, 0.76)] == [
        False,
        True,
        True,
        True,
        False,
    ]


def test_columns_of_one_law_are_averaged_and_order_does_not_matter():
    noise = 0.1 * np.random.default_rng(8).standard_normal((5, 4))
    y = X[:, None] ** 0.5 * np.exp(noise)
    fit = scaling_exponent(X, y)
    assert fit.value == pytest.approx(np.polyfit(np.log(X), np.log(y).mean(1), 1)[0])
    order, seeds = [3, 0, 4, 1, 2], [2, 0, 3, 1]
    turned = scaling_exponent(X[order], y[order][:, seeds])
    assert turned.interval == pytest.approx(fit.interval)
    assert turned.intercept == pytest.approx(fit.intercept)


@pytest.mark.parametrize("unit", [1e-6, 1e6])
def test_units_move_the_intercept_alone(unit):
    y = X**0.7 * np.exp(0.1 * np.random.default_rng(9).standard_normal(5))
    fit, other = scaling_exponent(X, y), scaling_exponent(X, unit * y)
    assert other.interval == pytest.approx(fit.interval, rel=1e-9)
    assert other.intercept == pytest.approx(fit.intercept + math.log(unit))
    stretched = scaling_exponent(unit * X, y)
    assert stretched.interval == pytest.approx(fit.interval, rel=1e-9)


def test_corrections_only_widen():
    y = X**0.5 * np.exp(0.02 * np.random.default_rng(10).standard_normal(5))
    plain, hull = scaling_exponent(X, y), scaling_exponent(X, y, corrections=True)
    assert hull.value == plain.value
    assert hull.interval[0] <= plain.interval[0] < plain.interval[1] <= hull.interval[1]
    assert hull.interval != plain.interval


@pytest.mark.parametrize(
    ("x", "y", "kind", "message"),
    [
        ([[1.0, 2.0, 3.0]], [1.0, 2.0, 3.0], ValueError, r"x has shape \(1, 3\)"),
        ([1.0, 2.0, 3.0], np.ones((3, 2, 2)), ValueError, r"and y \(3, 2, 2\): give one x for"),
        ([1.0, 2.0, 3.0], [1.0, -2.0, 3.0], ValueError, "y must hold finite .* got -2.0"),
        ([1.0, 2.0, 3.0], [True, True, True], TypeError, "y must hold"),
    ],
)
def test_shapes_and_signs_that_do_not_fit_are_named(x, y, kind, message):
    with pytest.raises(kind, match=message):
        scaling_exponent(x, y)
