"""What is timed against a diagnosis solves the same problem. No time is asserted."""

from __future__ import annotations

import pytest
import torch

from benchmarks.diagnosis import TOLERANCE, Case, by_hand, counted, forecasts
from rootkappa import diagnose

CASE = Case(6, 12)


def test_the_whole_jacobian_has_the_spectrum_and_the_steps_of_the_diagnosis():
    found = diagnose(*CASE.problem(), tolerance=TOLERANCE, spectrum="exact")
    values = 2 / CASE.samples * by_hand(CASE)
    torch.testing.assert_close(values, found.spectrum.values, rtol=1e-9, atol=0)
    methods = [each.method for each in found.forecasts.values()]
    told = [found.spectrum.steps_to(method, TOLERANCE) for method in methods]
    # The recursion counts from the last crossing, the forecast from the first.
    assert counted(CASE, methods)[0] == told[0]
    assert counted(CASE, methods)[2] >= told[2]


def test_forecasts_are_those_of_a_diagnosis_with_the_same_headroom():
    found = diagnose(*CASE.problem(), tolerance=TOLERANCE, headroom=2.0)
    assert [each.steps for each in forecasts(CASE)] == [
        each.steps for each in found.forecasts.values()
    ]


@pytest.mark.parametrize(("width", "size"), [(89, 1e4), (305, 1e5), (988, 1e6)])
def test_networks_are_as_large_as_their_names_say(width, size):
    module, X, Y = Case(width, 8).problem()
    assert sum(p.numel() for p in module.parameters()) == pytest.approx(size, rel=0.01)
    assert X.dtype == torch.float64
    assert Y.shape == (8, 1)
