"""What decides the status of a tail factor, and of the free factor beside it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from rootkappa.optimizers import tunings
from rootkappa.rates import RateStatus, free_factor, tail_factor
from rootkappa.rates._consensus import Believed
from rootkappa.rates.free import FreeFactor
from rootkappa.rates.tail import _judge, _of_slowest

RESOLVED = RateStatus.RESOLVED


def _believed(low, factor, high, drift=0.0):
    return Believed(SimpleNamespace(low=low, factor=factor, high=high), drift)


@pytest.mark.parametrize(
    ("choice", "status", "reason"),
    [
        (_believed(0.895, 0.9, 0.904), "resolved", ""),
        (_believed(0.88, 0.9, 0.93), "bracketed", "few steps above the noise"),
        (_believed(0.895, 0.9, 0.904, 0.01), "bracketed", "the kernel moves"),
        (_believed(0.899, 0.9, 0.99995), "lower bound only", "too short or too noisy"),
        (_believed(0.899, 0.9, 0.9, 0.2), "lower bound only", "too short or too noisy"),
    ],
)
def test_the_width_next_to_the_gap_decides(choice, status, reason):
    found, why = _judge(choice, 0.1)
    assert found == status
    assert reason in why
    assert bool(why) == bool(reason)


def test_a_free_factor_is_as_wide_as_the_slowest_mode_is_uncertain():
    free = FreeFactor(0.9, (0.899, 0.901), RESOLVED, "", (1.8, 0.81), (0, 50))
    found = _of_slowest(free, _believed(0.89, 0.9, 0.92), RESOLVED, 0.5)
    assert found.interval == pytest.approx((0.889, 0.921))
    assert found.status == RESOLVED
    assert _of_slowest(free, _believed(0.89, 0.9, 0.92), RESOLVED, 0.1).status == "bracketed"
    open_ended = _of_slowest(free, _believed(0.89, 0.9, 1.0), RESOLVED, 0.5)
    assert open_ended.interval == (pytest.approx(0.889), 1.0)
    assert open_ended.status == RateStatus.LOWER_BOUND_ONLY


def test_the_free_factor_of_a_run_is_widened_by_its_interval(iterate):
    method = tunings.lazy_nesterov(0.02, 1.0)
    run = iterate(method, [0.02, 0.06, 0.3, 0.9], 70)
    found = tail_factor(run, method, noise=1e-4, tolerance=1e-4)
    plain = free_factor(run[found.window[0] :], found.direction)
    assert found.status == found.free.status == "bracketed"
    assert found.interval[1] - found.interval[0] > 1e-5 > plain.interval[1] - plain.interval[0]
    assert found.free.factor == plain.factor
    low, high = (end - found.factor for end in found.interval)
    assert found.free.interval == pytest.approx(
        (plain.interval[0] + low, plain.interval[1] + high), abs=1e-12
    )
