"""Schedules by hand, and what they refuse."""

from __future__ import annotations

import math

import numpy as np
import pytest

from rootkappa.optimizers import NesterovSchedule, nesterov


@pytest.mark.parametrize(
    ("r", "expected"), [(3, [0, 0, 1 / 4, 2 / 5, 1 / 2]), (1, [0, 0, 1 / 2, 2 / 3, 3 / 4])]
)
def test_the_momentum_by_hand(r, expected):
    schedule = NesterovSchedule(np.int64(r))
    assert [schedule(t) for t in range(5)] == pytest.approx(expected, abs=1e-15)
    assert type(schedule.r) is float


@pytest.mark.parametrize("r", [0.1, 3.0, 50.0])
def test_it_rises_within_its_range_and_leaves_r_over_t_to_one(r):
    momenta = [NesterovSchedule(r)(t) for t in range(2000)]
    assert momenta == sorted(momenta)
    assert 0 <= momenta[0] <= momenta[-1] < 1
    assert (1998 + r) * (1 - momenta[-1]) == pytest.approx(r)


def test_it_is_the_classical_sequence_up_to_second_order():
    # Nesterov (1983): theta_+ = (1 + sqrt(1 + 4 theta^2))/2, beta = (theta - 1)/theta_+.
    theta = 1.0
    for t in range(1, 400):
        ahead = (1 + math.sqrt(1 + 4 * theta**2)) / 2
        assert NesterovSchedule()(t) == pytest.approx(
            (theta - 1) / ahead, abs=3 * math.log(t + 2) / t**2
        )
        theta = ahead


@pytest.mark.parametrize(
    ("r", "error", "got"),
    [
        (0, ValueError, "0"),
        (-1, ValueError, "-1"),
        (math.nan, ValueError, "nan"),
        ("3", TypeError, "'3'"),
        (None, TypeError, "None"),
    ],
)
def test_messages(r, error, got):
    with pytest.raises(error, match=f"friction r must be a .*number.*, got {got}: "):
        NesterovSchedule(r)


def test_the_schedule_is_both_numbers_of_nesterov():
    assert [nesterov(0.1).coefficients(t)[1:] for t in (1, 2)] == [(0, 0), (0.25, 0.25)]


@pytest.mark.parametrize("r", [0.5, 1.0, 3.0, 10.0])
def test_the_first_two_steps_have_no_momentum_and_the_third_has_one_over_r_plus_one(r):
    # (t - 1)/(t + r - 1) is below 0 at t = 0 and 0 at t = 1; for r < 1 it has a pole between.
    schedule = NesterovSchedule(r)
    assert (schedule(0), schedule(1)) == (0, 0)
    assert schedule(2) == pytest.approx(1 / (r + 1), rel=1e-15)


def test_more_friction_is_less_momentum():
    for t in (2, 5, 100):
        momenta = [NesterovSchedule(r)(t) for r in (0.5, 1, 3, 6, 50)]
        assert momenta == sorted(momenta, reverse=True)
        assert len(set(momenta)) == 5


def test_schedules_are_equal_by_their_friction():
    assert NesterovSchedule() == NesterovSchedule(3) != NesterovSchedule(4)
    assert nesterov(0.1) == nesterov(0.1, NesterovSchedule(3))
