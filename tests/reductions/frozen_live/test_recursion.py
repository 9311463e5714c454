"""The scalar recursion against the walker, and restart rules against vectors of many entries."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rootkappa import heavy_ball, nesterov
from rootkappa.optimizers import (
    FunctionRestart,
    GradientRestart,
    Method,
    SpeedRestart,
    StepView,
    walk,
)
from rootkappa.reductions.frozen_live.recursion import Products, Restarts, advance, numbers, stop


@pytest.mark.parametrize("method", [heavy_ball(0.3, 0.8), nesterov(0.4), Method(0.2, 0.5, 1.2)])
def test_it_is_the_walker_read_at_its_evaluation_points(method):
    path = walk(method, lambda layers: [2 * layers[0] + 1], [torch.ones(1).double()], 8)
    y, v = 1.0, 0.0
    for now in path:
        assert y == pytest.approx(float(now.point[0]), rel=1e-13)
        y, v = advance(y, v, 2 * y + 1, numbers(method, now.t))


def test_after_a_stop_the_point_is_the_weights():
    now = numbers(nesterov(0.1, 0.7), 3)
    moved = advance(1.0, 0.5, 0.2, now)
    velocity = 0.7 * 0.5 - 0.1 * 0.2
    assert stop(*moved, now) == (pytest.approx(1.0 - 0.7 * 0.5 + velocity), 0.0)


def _steep(view):
    """A rule of one's own, which looks at lengths and at the angle."""
    g, v = view.gradients[0].flatten(1), view.velocities[0].flatten(1)
    return (g * v).sum(1) > 0.1 * g.norm(dim=1) * v.norm(dim=1)


@pytest.mark.parametrize("rule", [GradientRestart(), FunctionRestart(), SpeedRestart(1), _steep])
def test_a_rule_decides_as_on_the_vectors_themselves(rule):
    source, ours = torch.Generator().manual_seed(0), Restarts(rule, 1.0)
    before, speed, decided = np.inf, 0.0, []
    for age in range(1, 40):
        g, v = torch.randn(2, 1, 7, 3, generator=source).double()
        norm, length = float(torch.rand(1, generator=source)), float(v.norm())
        one = [torch.tensor([float(x)]).double() for x in (norm, before, 1.0, length, speed)]
        due = bool(rule(StepView([g], [v], *one, torch.tensor([age]))))
        products = Products(*(float((x * y).sum()) for x, y in ((g, g), (g, v), (v, v))))
        assert ours.due(norm, products, age) == due
        before, speed = norm, 0.0 if due else length
        decided.append(due)
    assert {True, False} == set(decided)
