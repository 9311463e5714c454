"""Discretised flows follow their flows, with an error of the order of the time step."""

from __future__ import annotations

import math

import pytest
import torch

from rootkappa.dynamics import ConstantFriction, VanishingFriction, modal_response
from rootkappa.optimizers import constant_friction, vanishing_friction

CASES = [
    (constant_friction, ConstantFriction, 0.8),
    (constant_friction, ConstantFriction, 3.0),
    (vanishing_friction, VanishingFriction, 3.0),
    (vanishing_friction, VanishingFriction, 5.0),
]


@pytest.mark.parametrize(("discretised", "flow", "friction"), CASES)
def test_the_error_halves_with_the_time_step(discretised, flow, friction):
    values = torch.tensor([0.2, 1.0], dtype=torch.float64)
    misses = []
    for eta in (1e-3, 2.5e-4):
        k = torch.arange(int(10 / math.sqrt(eta)) + 1)
        found = modal_response(discretised(eta, friction), values, k)
        exact = flow(friction).response(values, k * math.sqrt(eta))
        misses.append(float((found - exact).abs().max()))
    assert misses[0] / misses[1] == pytest.approx(2, rel=0.06)


def test_messages():
    with pytest.raises(ValueError, match=r"friction b .* above 0, got 0"):
        constant_friction(0.1, 0)
    with pytest.raises(ValueError, match=r"momentum -1: take a step size of at most 0.0625"):
        constant_friction(0.25, 4.0)
    with pytest.raises(ValueError, match=r"friction r .* above 0, got -1"):
        vanishing_friction(0.1, -1)
