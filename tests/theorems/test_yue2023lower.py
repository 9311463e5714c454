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
