"""Yue, Fang and Lin: a number of gradients, and no bound on any run."""

from __future__ import annotations

import math

import pytest

from rootkappa import Spectrum
from rootkappa.theorems import PLLowerBound


def test_numbers_by_hand():
    bounds = Spectrum(0.5, 20.0)
    assert PLLowerBound().least_steps(bounds, math.exp(-3)) == pytest.approx(120)
    assert PLLowerBound().check(bounds).holds


def test_it_tunes_no_method_and_bounds_no_run():
    with pytest.raises(TypeError, match="tunes no method"):
        PLLowerBound().tuning(Spectrum(1.0, 2.0))
    with pytest.raises(TypeError, match="has no linear rate"):
        PLLowerBound().rate(Spectrum(1.0, 2.0))


@pytest.mark.parametrize("accuracy", [0.0, 1.0, 2.0])
def test_an_accuracy_lies_between_0_and_1(accuracy):
    with pytest.raises(ValueError, match="accuracy"):
        PLLowerBound().least_steps(Spectrum(1.0, 2.0), accuracy)


@pytest.mark.parametrize("accuracy", [0.5, 1e-3, 1e-12])
def test_steps_grow_with_the_condition_number_and_the_digits(accuracy):
    one, ten = (PLLowerBound().least_steps(Spectrum(3.0, L), accuracy) for L in (3.0, 30.0))
    assert one == pytest.approx(-math.log(accuracy))
    assert ten == pytest.approx(10 * one)
    assert PLLowerBound().least_steps(Spectrum(3.0, 3.0), accuracy**2) == pytest.approx(2 * one)


def test_it_speaks_of_a_spectrum():
    for question in (
        lambda: PLLowerBound().check(3.0),
        lambda: PLLowerBound().least_steps(3.0, 0.1),
    ):
        with pytest.raises(TypeError, match="takes a Spectrum here, got float: give one"):
            question()
    with pytest.raises(TypeError, match=r"accuracy must be a number, got '0\.1'"):
        PLLowerBound().least_steps(Spectrum(1.0, 2.0), "0.1")
    (line,) = PLLowerBound().check(Spectrum(0.5, 2.0)).hypotheses
    assert (line.name, line.needed, line.measured) == ("PL constant above 0", 0.0, 0.5)
