"""Measured numbers: what may be written of them, and the binomial interval."""

import math

import pytest
import torch
from scipy.stats import beta

from rootkappa.ledger import Binomial, Measured
from rootkappa.ledger.measurements import describe, interval, number, rounded


@pytest.mark.parametrize(
    ("value", "accept", "text"),
    [
        (3e-16, (0, 1e-12), "below 1e-12"),
        (0.0, (0, 1e-12), "below 1e-12"),
        (3e-12, (0, 1e-12), "above 1e-12"),
        (0.98765, (0, 1e-12), "0.988"),
        (0.51234, (0.45, 0.55), "0.512"),
        (2.11591836, (2.11585, 2.11595), "2.11592"),
        (22.51712, (22.48, 22.561), "22.517"),
        (1234.5, (0, math.inf), "1230"),
        (2.34e-5, (0, 1), "2.34e-5"),
        (1.23e214, (0, 1), "above 1e6"),
        (math.inf, (0, 1), "not finite"),
        (math.nan, (0, 1), "not finite"),
        (-0.5004, (-0.6, -0.4), "-0.5"),
    ],
)
def test_no_digit_that_another_machine_would_change(value, accept, text):
    entry = describe(Measured(value), accept)
    assert entry["text"] == text
    assert entry["inside"] == (accept[0] <= value <= accept[1])


def test_noise_below_the_limit_leaves_no_trace():
    assert describe(Measured(1e-16), (0, 1e-12)) == describe(Measured(7e-13), (0, 1e-12))


def test_an_interval_is_written_with_its_number():
    entry = describe(Measured(0.5121, (0.50149, 0.52251)), (0.45, 0.55))
    assert entry["text"] == "0.512 (0.501 to 0.523)"
    assert entry["interval"] == [0.501, 0.523]


@pytest.mark.parametrize(
    ("ends", "text"),
    [
        ((0, 1e-12), "0 to 1e-12"),
        ((-math.inf, 2), "at most 2"),
        ((1, math.inf), "at least 1"),
        ((1, 1), "exactly 1"),
        ((-math.inf, math.inf), "anything"),
    ],
)
def test_intervals_in_words(ends, text):
    assert interval(ends) == text


def test_rounding_keeps_three_digits():
    assert [rounded(x) for x in (0.0, 1.2345, -98765.0, 4.5678e-9)] == [0, 1.23, -98800, 4.57e-9]
    assert number(rounded(123456789.0)) == "1.23e8"


@pytest.mark.parametrize("given", [0.5, torch.tensor(0.5), Measured(0.5)])
def test_numbers_of_any_sort_are_read(given):
    assert Measured.read("x", given) == Measured(0.5)


@pytest.mark.parametrize("given", ["much", None, (0.5, 0.6), (0.5, (0.4, 0.5, 0.6))])
def test_anything_else_is_refused(given):
    with pytest.raises(TypeError, match="give a number or"):
        Measured.read("x", given)


def test_an_interval_runs_upwards():
    with pytest.raises(ValueError, match=r"interval \[0.6, 0.4\]: give low first"):
        Measured.read("x", (0.5, (0.6, 0.4)))


@pytest.mark.parametrize(("k", "n"), [(20, 20), (17, 20), (1, 7), (0, 5)])
def test_clopper_and_pearson_by_their_beta_quantiles(k, n):
    low, high = Binomial(k, n).interval
    assert low == pytest.approx(beta.ppf(0.025, k, n - k + 1) if k else 0, abs=1e-9)
    assert high == pytest.approx(beta.ppf(0.975, k + 1, n - k) if k < n else 1, abs=1e-9)


@pytest.mark.parametrize(("k", "n"), [(3, 2), (-1, 2), (0, 0)])
def test_impossible_counts_are_refused(k, n):
    with pytest.raises(ValueError, match="no more successes than trials"):
        Binomial(k, n)
