"""Measured numbers of every sort, and the binomial interval."""

import math
from fractions import Fraction

import numpy as np
import pytest
import torch
from scipy.stats import beta

from rootkappa.ledger.measurements import Binomial, Measured, Spread


@pytest.mark.parametrize(
    "given", [0.5, np.float32(0.5), np.array(0.5), torch.tensor(0.5), Measured(0.5), Fraction(1, 2)]
)
def test_numbers_of_any_sort_are_read(given):
    assert Measured.read("x", given) == Measured(0.5)


@pytest.mark.parametrize("ends", [(0.4, 0.6), [0.4, 0.6], np.array([0.4, 0.6])])
def test_intervals_of_any_sort_are_read(ends):
    assert Measured.read("x", (0.5, ends)) == Measured(0.5, (0.4, 0.6))


@pytest.mark.parametrize("size", [1e-6, 1.0, 1e6])
@pytest.mark.parametrize("side", [-1, 1])
def test_only_rounding_may_keep_a_value_out_of_its_interval(size, side):
    for excess, fits in ((0.9e-9, True), (1.1e-9, False)):
        end = size * (1 + side * excess)
        interval = (end, 2 * size) if side > 0 else (0.0, end)
        if fits:
            assert Measured(size, interval).interval == interval
        else:
            with pytest.raises(ValueError, match="lies outside its own interval"):
                Measured(size, interval)


REFUSED = {
    "word": ("much", TypeError, "measured x: 'much' is no number: give one"),
    "numeral": ("0.5", TypeError, "'0.5' is no number"),
    "nothing": (None, TypeError, "None is no number"),
    "boolean": (True, TypeError, "True is no number"),
    "meta": (torch.tensor(0.5, device="meta"), TypeError, "is no number"),
    "no pair": ((0.5, 0.6), TypeError, "0.6 is no interval: give"),
    "three ends": ((0.5, (0.4, 0.5, 0.6)), TypeError, "is no interval"),
    "end of text": ((0.5, ("0.4", 0.6)), TypeError, "'0.4' is no number"),
    "downwards": ((0.5, (0.6, 0.4)), ValueError, "measured x: .*not run upwards: give low first"),
    "NaN end": ((0.5, (math.nan, 0.6)), ValueError, "not run upwards"),
    "outside": ((0.5, (0.6, 0.7)), ValueError, r"0.5 lies outside its own interval \[0.6, 0.7\]"),
}


@pytest.mark.parametrize(("given", "error", "message"), REFUSED.values(), ids=REFUSED)
def test_anything_else_is_refused(given, error, message):
    with pytest.raises(error, match=message):
        Measured.read("x", given)


def test_a_fit_without_error_has_an_interval_of_no_width():
    exact = 1 / 3
    assert Measured(exact, (exact + 1e-16, exact + 1e-16)).value == exact


@pytest.mark.parametrize(("k", "n"), [(20, 20), (17, 20), (1, 7), (0, 5)])
def test_clopper_and_pearson_by_their_beta_quantiles(k, n):
    low, high = Binomial(k, n).interval
    assert low == pytest.approx(beta.ppf(0.025, k, n - k + 1) if k else 0, abs=1e-9)
    assert high == pytest.approx(beta.ppf(0.975, k + 1, n - k) if k < n else 1, abs=1e-9)


@pytest.mark.parametrize(("k", "n"), [(3, 2), (-1, 2), (0, 0)])
def test_impossible_counts_are_refused(k, n):
    with pytest.raises(ValueError, match="no more successes than trials"):
        Binomial(k, n)


@pytest.mark.parametrize("count", ["3", None, True, 2.5, math.nan, math.inf])
def test_counts_are_whole(count):
    with pytest.raises(TypeError, match=r"Binomial's trials: .* is no .*number: give one"):
        Binomial(1, count)
    assert Binomial(np.int64(1), 2.0) == Binomial(1, 2)


@pytest.mark.parametrize(
    ("values", "spread"),
    [
        ([3.0, 1.0, 2.0], Spread(3, 2, 2.0, 1.0, 3.0)),
        ([0.0, 1.0, 2.0, 9.0], Spread(4, 3, 1.5, 0.0, 9.0)),
        ([1.0, math.nan], Spread(2, 1, math.inf, 1.0, math.inf)),  # a run that diverged
        ([5.0], Spread(1, 0, 5.0, 5.0, 5.0)),
    ],
)
def test_draws_are_kept_as_their_spread(values, spread):
    assert Spread.of(values, (0, 2)) == spread


def test_only_a_share_has_ends_that_nothing_can_pass():
    assert Binomial(3, 4).share.natural == (0, 1)
    assert Measured(0.75).natural == Spread.of([0.75], (0, 1)).natural == ()
    assert Binomial(3, 4).failures == Binomial(1, 4)
