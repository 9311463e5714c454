"""The numbers of stacked steps against those that each method gives for itself."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import torch

from rootkappa.optimizers import (
    GradientRestart,
    Method,
    NesterovSchedule,
    gradient_descent,
    heavy_ball,
    nesterov,
)
from rootkappa.training._numbers import Numbers

OUTPUTS = torch.zeros(1, 1, dtype=torch.float64)


@dataclass
class Unhashable:
    """A schedule without a hash, as a dataclass that is not frozen has none."""

    share: float

    def __call__(self, t):
        return self.share * t / (t + 1)


STACKS = {
    "one number": [gradient_descent(0.1)] * 3,
    "step sizes alone": [gradient_descent(0.1), gradient_descent(0.2)],
    "equal schedules": [nesterov(0.1, NesterovSchedule(4)), nesterov(0.2, NesterovSchedule(4))],
    "several": [nesterov(0.1), heavy_ball(0.1, 0.9), nesterov(0.1, NesterovSchedule(5))],
    "without a hash": [nesterov(0.1, Unhashable(0.5)), nesterov(0.1, Unhashable(0.7))],
    "a rule": [nesterov(0.1).with_restart(GradientRestart()), nesterov(0.1)],
    "extrapolation alone": [Method(0.1, 0.5, lambda t: 0.2 * (t % 3)), heavy_ball(0.1, 0.5)],
}


@pytest.mark.parametrize("methods", STACKS.values(), ids=STACKS)
@pytest.mark.parametrize("ahead", [0, 3])
def test_every_replica_gets_the_numbers_of_its_own_clock(methods, ahead):
    numbers = Numbers(methods, OUTPUTS)
    for t in range(5):
        clocks = [t + ahead * place for place in range(len(methods))]
        for place, (method, clock) in enumerate(zip(methods, clocks, strict=True)):
            eta, beta, gamma = method.coefficients(clock)
            exact = eta, beta, -gamma, 1 + method.coefficients(clock + 1)[2]
            found = [
                float(each[place]) if isinstance(each, torch.Tensor) else each
                for each in numbers(clocks)
            ]
            assert found == list(exact)


def test_equal_schedules_are_asked_once():
    asked = []

    def schedule(t):
        asked.append(t)
        return 0.5

    numbers = Numbers([Method(0.1, schedule), Method(0.2, schedule)], OUTPUTS)
    numbers([0, 0])
    numbers([0, 0])
    assert asked == [0, 1]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_what_replicas_share_is_a_float_and_the_rest_a_number_each(dtype):
    numbers = Numbers([Method(0.1, 0.5, 0.25), Method(0.2, 0.5)], torch.zeros(1, dtype=dtype))
    step_size, momentum, back, ahead = numbers([0, 7])
    assert momentum == 0.5
    for found, exact in ((step_size, [0.1, 0.2]), (back, [-0.25, 0]), (ahead, [1.25, 1])):
        assert (found.shape, found.dtype) == ((2, 1, 1), dtype)
        torch.testing.assert_close(found.flatten(), torch.tensor(exact, dtype=dtype))


def test_one_schedule_at_two_clocks_gives_two_numbers():
    back = Numbers([Method(0.1, 0.5, lambda t: t / 10)] * 2, OUTPUTS)([1, 4]).back
    assert back.flatten().tolist() == [-0.1, -0.4]


def test_a_schedule_without_a_hash_is_asked_once_by_itself():
    share = Unhashable(0.5)
    numbers = Numbers([nesterov(0.1, share), nesterov(0.2, share)], OUTPUTS)
    assert len(numbers._methods) == 1
    assert (
        len(Numbers([nesterov(0.1, Unhashable(0.5)), nesterov(0.1, share)], OUTPUTS)._methods) == 2
    )
    assert numbers([3, 3]).momentum == 0.5 * 3 / 4


def test_momentum_and_extrapolation_are_told_apart():
    one, other = (lambda t: 0.1), (lambda t: 0.2)
    methods = [Method(1.0, one, other), Method(1.0, other, one), Method(1.0, one, one)]
    _, momentum, back, ahead = Numbers(methods, OUTPUTS)([0, 0, 0])
    assert momentum.flatten().tolist() == [0.1, 0.2, 0.1]
    assert back.flatten().tolist() == [-0.2, -0.1, -0.1]
    assert ahead.flatten().tolist() == [1.2, 1.1, 1.1]
