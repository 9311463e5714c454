"""What labels see of a spectrum, by hand, and forecasts against a loop."""

from __future__ import annotations

import math

import pytest
import torch

from rootkappa.diagnosis.label_spectrum import LabelSpectrum
from rootkappa.optimizers import gradient_descent, heavy_ball


def _spectrum(values, shares, cut=0.0, exact=True):
    values = torch.tensor(values, dtype=torch.float64)
    components = torch.tensor(shares, dtype=torch.float64).sqrt()
    return LabelSpectrum.of(values, components, cut, exact=exact, settled=True, products=3)


def test_what_counts_as_zero_is_a_floor():
    found = _spectrum([1e-20, 0.5, 2.0], [1.0, 2.0, 1.0], cut=1e-15)
    assert found.values.tolist() == [0.5, 2.0]
    assert found.floor == pytest.approx(0.25)
    assert found.shares.tolist() == pytest.approx([0.5, 0.25])
    assert found.kappa == 4.0
    assert math.isnan(_spectrum([0.5, 2.0], [1, 1], exact=False).kappa)


@pytest.mark.parametrize(("tolerance", "kappa"), [(0.5, 2.0), (0.1, 8.0), (1e-3, 100.0)])
def test_modes_that_hold_little_need_not_be_learnt(tolerance, kappa):
    found = _spectrum([0.01, 0.125, 0.5, 1.0], [0.01, 0.1, 0.5, 0.39])
    assert found.effective_kappa(tolerance) == pytest.approx(kappa)


def test_a_kernel_that_is_zero_is_refused():
    with pytest.raises(ValueError, match="the kernel is zero along the residual"):
        _spectrum([0.0, 0.0], [1.0, 1.0])
    with pytest.raises(ValueError, match="the kernel is zero along the residual"):
        _spectrum([0.0, 1.0], [1.0, 0.0])


def test_curves_and_counts_are_those_of_a_loop():
    found = _spectrum([1e-20, 0.1, 1.0], [0.2, 0.4, 0.4], cut=1e-15)
    method = heavy_ball(0.9, 0.5)
    before = now = torch.ones(2, dtype=torch.float64)
    losses = []
    for _ in range(60):
        losses.append(float(0.4 * now.square().sum()) + 0.2)
        before, now = now, now + 0.5 * (now - before) - 0.9 * found.values * now
    assert found.curve(method, 59).tolist() == pytest.approx(losses)
    first = next(t for t, loss in enumerate(losses) if loss - 0.2 < 1e-2 * 0.8)
    assert found.steps_to(method, 1e-2) == first
    assert found.steps_to(gradient_descent(2.1), 1e-2) is None


def test_momentum_overshoots_early_and_gradient_descent_ends_farthest():
    found = _spectrum([0.001, 1.0], [0.1, 0.9])
    assert found.farthest(gradient_descent(1.0), 1000) == 1000
    # p = 1 + beta - 1.9 = 0: the fast mode is at -0.9 after a step, and comes back.
    assert found.farthest(heavy_ball(1.9, 0.9), 1000) in (1, 2)


@pytest.mark.parametrize("tolerance", [0.5, 1e-3, 1e-9])
def test_gradient_flow_arrives_on_time(tolerance):
    found = _spectrum([0.01, 1.0], [0.3, 0.7])
    t = found.flow_time(tolerance)
    left = 0.3 * math.exp(-0.02 * t) + 0.7 * math.exp(-2 * t)
    assert left == pytest.approx(tolerance)


@pytest.mark.parametrize("tolerance", [0.0, 1.0, math.nan])
def test_a_tolerance_is_a_share(tolerance):
    with pytest.raises(ValueError, match="tolerance must lie strictly between 0 and 1"):
        _spectrum([1.0], [1.0]).effective_kappa(tolerance)


SIX = _spectrum([0.01, 0.05, 0.1, 0.4, 0.7, 1.0], [1.0, 2.0, 1.0, 3.0, 2.0, 1.0])


@pytest.mark.parametrize("scale", [1e-3, 50.0])
def test_a_change_of_units_changes_no_count(scale):
    # A kernel larger by c wants a step smaller by c, and a clock that runs c times as fast.
    other = _spectrum((scale * SIX.values).tolist(), SIX.shares.tolist())
    for make, numbers in ((gradient_descent, (1.0,)), (heavy_ball, (0.9, 0.6))):
        ours, theirs = make(numbers[0] / scale, *numbers[1:]), make(*numbers)
        assert other.steps_to(ours, 1e-3) == SIX.steps_to(theirs, 1e-3)
        torch.testing.assert_close(other.curve(ours, 40), SIX.curve(theirs, 40))
        assert other.farthest(ours, 500) == SIX.farthest(theirs, 500)
    assert other.effective_kappa(0.01) == pytest.approx(SIX.effective_kappa(0.01))
    assert other.kappa == pytest.approx(100)
    assert other.flow_time(0.1) == pytest.approx(SIX.flow_time(0.1) / scale)


def test_residuals_of_any_length_have_the_same_shares():
    longer = _spectrum(SIX.values.tolist(), [1e6, 2e6, 1e6, 3e6, 2e6, 1e6])
    torch.testing.assert_close(longer.shares, SIX.shares)
    assert float(SIX.shares.sum()) + SIX.floor == pytest.approx(1)


def test_a_mode_that_the_labels_do_not_see_changes_nothing():
    blind = _spectrum([1e-6, *SIX.values.tolist()], [0.0, *SIX.shares.tolist()])
    method = heavy_ball(0.9, 0.6)
    assert blind.steps_to(method, 1e-3) == SIX.steps_to(method, 1e-3)
    assert blind.effective_kappa(0.01) == pytest.approx(SIX.effective_kappa(0.01))
    torch.testing.assert_close(blind.curve(method, 30), SIX.curve(method, 30))
    assert blind.flow_time(0.1) == pytest.approx(SIX.flow_time(0.1))


@pytest.mark.parametrize("tolerance", [0.3, 0.01, 1e-6])
def test_a_stricter_tolerance_takes_longer(tolerance):
    method = gradient_descent(1.0)
    assert SIX.steps_to(method, tolerance / 10) > SIX.steps_to(method, tolerance)
    assert SIX.flow_time(tolerance / 10) > SIX.flow_time(tolerance)
    assert SIX.effective_kappa(tolerance / 10) >= SIX.effective_kappa(tolerance)


@pytest.mark.parametrize("method", [gradient_descent(0.5), heavy_ball(0.9, 0.6)])
def test_a_curve_starts_at_one_and_ends_at_its_floor(method):
    floored = _spectrum([1e-20, 0.1, 1.0], [0.2, 0.4, 0.4], cut=1e-15)
    curve = floored.curve(method, 2000)
    assert float(curve[0]) == pytest.approx(1)
    assert float(curve[-1]) == pytest.approx(0.2)
    assert float(curve.min()) == pytest.approx(0.2)
