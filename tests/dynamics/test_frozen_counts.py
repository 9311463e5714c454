"""Counts of steps at their edges: ties, modes without weight, modes that are gone, long scans."""

from __future__ import annotations

import math

import pytest
import torch

from rootkappa.dynamics import frozen as f
from rootkappa.optimizers import gradient_descent, heavy_ball, nesterov


def test_the_count_is_of_the_first_step_below():
    # The norm halves at every step: it is 1/8 at step 3.
    halving = gradient_descent(0.5)
    assert f.steps_to(halving, [1.0], [-7.0], 0.125 * (1 + 1e-9)) == 3
    assert f.steps_to(halving, [1.0], [-7.0], 0.125 * (1 - 1e-9)) == 4
    assert f.steps_to(halving, [1.0], [1.0], 0.999) == 1
    assert f.steps_to(halving, [1.0], [1.0], 1e-150) == 499


def test_modes_without_weight_are_not_asked():
    # The mode at 0 never decays, and that at 5 diverges.
    values, weights = [0.0, 1.0, 5.0], [0.0, 2.0, 0.0]
    assert f.steps_to(gradient_descent(0.5), values, weights, 0.2) == 3
    with pytest.raises(
        ValueError, match=r"changes by 1 a step, so gradient descent never reaches 0\.2"
    ):
        f.steps_to(gradient_descent(0.5), values, [1e-9, 2.0, 0.0], 0.2)
    with pytest.raises(
        ValueError, match=r"changes by 1\.5 a step, .*: lower the step size or drop"
    ):
        f.steps_to(gradient_descent(0.5), values, [0.0, 2.0, 1e-9], 0.2)


def test_a_mode_that_is_gone_at_once_takes_one_step():
    assert f.steps_to(gradient_descent(1.0), [1.0], [1.0], 1e-150) == 1
    # Nesterov at eta lambda = 1 is gone after two; on the way it is -1/2.
    assert f.steps_to(nesterov(1.0, 0.5), [1.0], [1.0], 0.6) == 1
    assert f.steps_to(nesterov(1.0, 0.5), [1.0], [1.0], 0.4) == 2


def test_counts_beyond_the_first_blocks_are_exact():
    # One oscillating mode bounds no norm from below, so that every step is looked at.
    method, value = heavy_ball(1.0, 0.9999), 0.5
    norms = f.frozen_norms(method, [value], [1.0], 60_000)
    for accuracy in (0.5, 0.1):
        first = int(torch.nonzero(norms < accuracy)[0])
        assert f.steps_to(method, [value], [1.0], accuracy) == first


# Methods and modes that decay monotonically, at the slow end and, changing sign, at the fast one.
SLOW = {
    "gradient descent": (gradient_descent(1.0), 1e-9, 1e-9),
    "gradient descent at its limit": (gradient_descent(1.0), 2 - 1e-9, 1e-9),
    "heavy ball": (heavy_ball(1.0, 0.25), 1e-9, 1e-9 / 0.75),
    "Nesterov": (nesterov(1.0, 0.5), 1e-9, 1e-9 / 0.5),
}


@pytest.mark.parametrize(("method", "value", "share"), SLOW.values(), ids=SLOW)
def test_ten_thousand_million_steps_are_counted_without_a_scan(method, value, share):
    # u_t = C (1 - share)^t in the long run: log(accuracy/C)/log(1 - share), from two counts.
    first, second = (f.steps_to(method, [value], [1.0], accuracy) for accuracy in (1e-3, 1e-6))
    assert second > 5e9
    assert second - first == pytest.approx(math.log(1e-3) / math.log1p(-share), rel=1e-6)
