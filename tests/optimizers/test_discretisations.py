"""Discretised flows follow their flows, with an error of the order of the time step."""

from __future__ import annotations

import math

import pytest
import torch

from rootkappa.dynamics import ConstantFriction, VanishingFriction, modal_response
from rootkappa.optimizers import constant_friction, vanishing_friction

CASES = [
    (lambda eta: constant_friction(eta, 0.8), ConstantFriction(0.8)),
    (lambda eta: constant_friction(eta, 3.0), ConstantFriction(3.0)),
    (lambda eta: vanishing_friction(eta, 3.0), VanishingFriction(3.0)),
    (lambda eta: vanishing_friction(eta, 5.0), VanishingFriction(5.0)),
]


@pytest.mark.parametrize(("make", "flow"), CASES, ids=lambda case: repr(case)[:30])
def test_the_error_halves_with_the_time_step(make, flow):
    values = torch.tensor([0.2, 1.0], dtype=torch.float64)
    misses = []
    for eta in (1e-3, 2.5e-4):
        k = torch.arange(int(10 / math.sqrt(eta)) + 1)
        found = modal_response(make(eta), values, k)
        exact = flow.response(values, k * math.sqrt(eta))
        misses.append(float((found - exact).abs().max()))
    assert misses[0] / misses[1] == pytest.approx(2, rel=0.06)


def test_messages():
    with pytest.raises(ValueError, match=r"friction b .* above 0, got 0"):
        constant_friction(0.1, 0)
    with pytest.raises(ValueError, match=r"momentum -1: take a step size of at most 0.0625"):
        constant_friction(0.25, 4.0)
    with pytest.raises(ValueError, match=r"friction r .* above 0, got -1"):
        vanishing_friction(0.1, -1)
