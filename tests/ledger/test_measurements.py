"""Measured numbers: what may be written of them, and the binomial interval."""

import math
from fractions import Fraction

import numpy as np
import pytest
import torch
from scipy.stats import beta

from rootkappa.ledger.measurements import (
    Binomial,
    Measured,
    describe,
    interval,
    number,
    read_back,
    rounded,
)


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


@pytest.mark.parametrize(
    ("value", "accept", "kept"),
    [
        (1.0004, (0, 1), 1.0004),
        (0.99996, (1, 2), 0.99996),
        (1 + 1e-12, (0, 1), 1 + 1e-12),
        (0.66665, (0, 0.66666), 0.6666),
        (0.99996, (0, 1), 1.0),  # the end itself lies inside
    ],
)
def test_rounding_does_not_cross_an_end(value, accept, kept):
    assert rounded(value, accept) == kept


VALUES = (0.0, 3e-16, 1e-7, 0.5, 0.9996, 1.00004, 9.996, -2.5, 1.2e6, math.inf, math.nan)
ACCEPTED = ((0, 1e-12), (0, 1), (0.9996, 1.0004), (1, math.inf), (-math.inf, 2), (0.678, 0.6792))


@pytest.mark.parametrize("accept", ACCEPTED)
@pytest.mark.parametrize("value", VALUES)
def test_what_is_written_reads_back_as_itself(value, accept):
    entry = describe(Measured(value), accept)
    assert describe(read_back(entry), accept) == entry
    around = Measured(value, (value - 0.0123, value + 0.0456))
    entry = describe(around, accept)
    assert describe(read_back(entry), accept) == entry


@pytest.mark.parametrize(
    "given", [0.5, np.float32(0.5), np.array(0.5), torch.tensor(0.5), Measured(0.5), Fraction(1, 2)]
)
def test_numbers_of_any_sort_are_read(given):
    assert Measured.read("x", given) == Measured(0.5)


@pytest.mark.parametrize("ends", [(0.4, 0.6), [0.4, 0.6], np.array([0.4, 0.6])])
def test_intervals_of_any_sort_are_read(ends):
    assert Measured.read("x", (0.5, ends)) == Measured(0.5, (0.4, 0.6))


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
