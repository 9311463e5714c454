"""Numbers of every kind become floats and ints; what is none is refused by name."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
import torch

from rootkappa import _checks as gate

META = torch.ones(2, device="meta")
STRANGERS = [None, "0.5", True, np.True_, 1 + 2j, [0.5], {}, torch.tensor([1.0, 2.0]), ...]
NOT_FINITE = [math.nan, math.inf, -math.inf, np.float32("nan"), -(10**400), 10**400]
SCALARS = [0.5, np.float32(0.5), np.array(0.5), torch.tensor(0.5), Fraction(1, 2)]
ONE_NUMBER = {
    "number": lambda value: gate.number("x", value),
    "positive": lambda value: gate.positive("x", value),
    "at_least": lambda value: gate.at_least("x", value, 0.0),
    "within": lambda value: gate.within("x", value, 0.0, 1.0),
    "fraction": lambda value: gate.fraction("x", value),
}
REFUSED = [
    (lambda: gate.positive("x", 0), "x must be a finite number above 0, got 0: choose one."),
    (lambda: gate.positive("x", -1e-300), "x must be a finite number above 0, got -1e-300: "),
    (lambda: gate.at_least("x", 1, 2, "add"), "x must be finite and at least 2, got 1: add."),
    (lambda: gate.within("x", 1, 0, 1, "cut"), "strictly between 0 and 1, got 1: cut."),
    (lambda: gate.within("x", 0, 0, 1, "cut"), "strictly between 0 and 1, got 0: cut."),
    (lambda: gate.fraction("x", 1), "x must lie in [0, 1), got 1.0: use 0 for none"),
    (lambda: gate.leak(1), "leak must lie in [0, 1), got 1.0: use 0 for a ReLU and less than 1"),
    (lambda: gate.count("x", 0), "x must be at least 1, got 0: raise it."),
    (lambda: gate.count("x", 1e300), "x must be at most 2^53, got 1e+300: lower it."),
    (lambda: gate.count("x", 2**53 + 1), "at most 2^53, got 9007199254740993: lower it."),
    (lambda: gate.count("x", 10**400), "x must be at most 2^53, got 10000"),
    (lambda: gate.count("x", -2, 0), "x must be at least 0, got -2: raise it."),
    (lambda: gate.number("x", 10**400), "x must be a finite number, got inf: choose one."),
    (lambda: gate.number("x", -(10**400)), "x must be a finite number, got -inf: choose one."),
    (lambda: gate.positive("x", 10**400), "x must be a finite number above 0, got inf: choose"),
    (lambda: gate.fraction("x", -1e-9, "cut"), "x must lie in [0, 1), got -1e-09: cut."),
    (lambda: gate.leak(-0.5), "leak must lie in [0, 1), got -0.5: use 0 for a ReLU"),
    (lambda: gate.seed(-1), "seed must lie in [0, 2^63), got -1: derive one"),
    (lambda: gate.seed(2**63), "seed must lie in [0, 2^63), got 92233"),
    (lambda: gate.seed(10**400), "seed must lie in [0, 2^63), got 10000"),
]
NOT_WHOLE = [
    (lambda: gate.count("x", 2.5), "x must be a whole number, got 2.5: round it."),
    (lambda: gate.count("x", math.nan), "x must be a whole number, got nan: round it."),
    (lambda: gate.count("x", "3"), "x must be a whole number, got '3': give one."),
    (lambda: gate.count("x", True), "x must be a whole number, got True: give one."),
    (lambda: gate.seed(1.7), "seed must be a whole number, got 1.7: round it."),
    (lambda: gate.count("x", -math.inf), "x must be a whole number, got -inf: round it."),
    (lambda: gate.count("x", Fraction(1, 2)), "a whole number, got Fraction(1, 2): round it."),
    (lambda: gate.count("x", np.array([3])), "whole number, got ndarray of shape (1,): give one."),
    (lambda: gate.count("x", np.True_), "x must be a whole number, got "),
    (lambda: gate.seed(math.nan), "seed must be a whole number, got nan: round it."),
    (lambda: gate.seed("7"), "seed must be a whole number, got '7'"),
    (lambda: gate.number("x", META.sum()), "x is on the meta device and holds no numbers"),
]


@pytest.fixture(params=ONE_NUMBER)
def check(request):
    return ONE_NUMBER[request.param]


@pytest.mark.parametrize("value", SCALARS, ids=lambda value: type(value).__name__)
def test_numbers_of_every_kind_become_floats(check, value):
    assert check(value) == 0.5
    assert type(check(value)) is float


@pytest.mark.parametrize("value", STRANGERS, ids=repr)
def test_what_is_no_number_is_refused_by_name(check, value):
    with pytest.raises(TypeError, match=r"^x must be a number, got .*: give one\.$"):
        check(value)


@pytest.mark.parametrize("value", NOT_FINITE, ids=lambda value: repr(value)[:9])
def test_numbers_that_are_not_finite_are_refused(check, value):
    with pytest.raises(ValueError, match=r"^x must .*, got (nan|-?inf): .*\.$"):
        check(value)


@pytest.mark.parametrize(("call", "message"), REFUSED)
def test_numbers_out_of_range_are_refused(says, call, message):
    says(call, ValueError, message)


@pytest.mark.parametrize(("call", "message"), NOT_WHOLE)
def test_what_is_not_whole_is_refused(says, call, message):
    says(call, TypeError, message)


@pytest.mark.parametrize(
    "value", [1e3, 1000, np.int32(1000), np.array(1e3), torch.tensor(1000), Fraction(2000, 2)]
)
def test_counts_and_seeds_become_ints(value):
    for found in (gate.count("steps", value), gate.seed(value)):
        assert (found, type(found)) == (1000, int)


def test_the_ends_of_a_range_belong_to_it():
    assert (gate.fraction("x", 0), gate.at_least("x", 2, 2), gate.count("x", 1)) == (0, 2, 1)
    assert (gate.seed(0), gate.seed(2**63 - 1), gate.count("x", 2**53)) == (0, 2**63 - 1, 2**53)
    assert (gate.within("x", 1e-300, 0, 1), gate.positive("x", 5e-324)) == (1e-300, 5e-324)
    assert gate.seed(np.uint64(2**63 - 1)) == 2**63 - 1


@pytest.mark.parametrize("largest", [3, 2**62 + 1, 2**63 - 1])
def test_a_whole_number_loses_no_digit(largest):
    # As a float, 2^62 + 1 would be 2^62.
    assert gate.seed(np.array(largest)) == gate.seed(torch.tensor(largest)) == largest
