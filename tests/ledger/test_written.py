"""Numbers in writing: no digit that another machine would change, and none that crosses a limit."""

import math

import pytest

from rootkappa.ledger._written import describe, interval, number, read_back, rounded
from rootkappa.ledger.measurements import Binomial, Measured, Spread


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


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (math.inf, "infinity"),
        (-math.inf, "-infinity"),
        (0.0, "0"),
        (1e-4, "0.0001"),
        (-9.9e-5, "-9.9e-5"),
        (999000.0, "999000"),
        (1e6, "1e6"),
        (-2.5e7, "-2.5e7"),
    ],
)
def test_a_number_is_plain_between_its_powers_of_ten(value, text):
    assert number(value) == text


@pytest.mark.parametrize(
    ("ends", "text"),
    [
        ((2.0, 2.0), "exactly 2"),
        ((-math.inf, math.inf), "anything"),
        ((-math.inf, 0.5), "at most 0.5"),
        ((0.5, math.inf), "at least 0.5"),
        ((-1.0, 0.5), "-1 to 0.5"),
    ],
)
def test_an_interval_in_words(ends, text):
    assert interval(ends) == text


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
    draws = Spread.of([value, value, 0.3, 17.0], accept)
    entry = describe(draws, accept)
    assert describe(read_back(entry), accept) == entry


@pytest.mark.parametrize(
    ("values", "accept", "text"),
    [
        ([0.1234, 0.5, 0.9], (0, 1), "0.5 (0.123 to 0.9), inside in 3 of 3 draws"),
        ([0.5, 1.0004, 3.0], (0, 1), "1.0004 (0.5 to 3), inside in 1 of 3 draws"),
        ([0.5, 0.6, math.inf], (0, 1), "0.6 (at least 0.5), inside in 2 of 3 draws"),
        ([math.inf] * 2, (0, 1), "not finite, inside in 0 of 2 draws"),
        ([1e-16, 3e-13], (0, 1e-12), "below 1e-12, inside in 2 of 2 draws"),
    ],
)
def test_a_spread_in_words(values, accept, text):
    assert describe(Spread.of(values, accept), accept)["text"] == text


def test_a_share_in_words():
    entry = describe(Binomial(19, 20).share, (0.9, 1))
    assert entry["text"] == "0.95 (0.751 to 0.999), 19 of 20"
    assert read_back(entry) == Binomial(19, 20).share
