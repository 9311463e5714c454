"""The machine-checked theorem by hand, and its bound on a circle of minimisers."""

from __future__ import annotations

import math
from types import SimpleNamespace

import pytest
import torch

from rootkappa import Spectrum
from rootkappa.optimizers import walk
from rootkappa.theorems import LocalNesterov

BOUNDS = Spectrum(1.0, 64.0)


def test_numbers_by_hand():
    # sqrt(mu/L) = 1/8, theta = 1/64, a = sqrt(63/64)/8.
    a = math.sqrt(63 / 64) / 8
    beta = (1 - a) / (1 + a)
    assert LocalNesterov().tuning(BOUNDS).coefficients(0) == pytest.approx((1 / 64, beta, beta))
    assert LocalNesterov().rate(BOUNDS) == pytest.approx((2, math.exp(-1 / 8)))
    # With half of theta: mu' = 127/128.
    half = math.sqrt(127 / 128) / 8
    beta = (1 - half) / (1 + half)
    assert LocalNesterov(0.5).tuning(BOUNDS).coefficients(0)[1] == pytest.approx(beta, rel=1e-12)


def _ratio(start, steps=150):
    # f = L/8 (x^2 + y^2 - 1)^2 + mu/2 z^2: near the circle the Hessian has L, mu and 0.
    def slope(layers):
        (w,) = layers
        out = (w[:2].square().sum() - 1) * w[:2] * 64 / 2
        return [torch.cat([out, w[2:]])]

    def loss(w):
        return float(8 * (w[:2].square().sum() - 1) ** 2 + w[2] ** 2 / 2)

    path = walk(LocalNesterov().tuning(BOUNDS), slope, [torch.tensor(start).double()], steps)
    losses = torch.tensor([[loss(step.weights[0]) for step in path]], dtype=torch.float64)
    run = SimpleNamespace(residual_norms=losses.sqrt(), stopped_at=torch.tensor([steps]))
    return float(LocalNesterov().worst_ratio(BOUNDS, run))


def test_the_bound_holds_near_a_circle_and_not_far_from_it():
    assert _ratio([0.999, 0.03, 0.02]) < 1
    assert _ratio([1e-4, 0.0, 1e-3]) > 1


def test_what_a_run_met_is_reported():
    report = LocalNesterov().along(BOUNDS, pl=0.5, lipschitz=63.0, smooth=False)
    assert report.unmet == ("twice differentiable", "PL constant along the run at least mu")
    assert LocalNesterov().along(BOUNDS, pl=1.0, lipschitz=64.0).holds
    assert LocalNesterov().along(BOUNDS, 1.0, 65.0).unmet == (
        "gradients along the run L-Lipschitz",
    )
    assert LocalNesterov().check(BOUNDS).holds


@pytest.mark.parametrize(("share", "error"), [(0.0, "above 0"), (1.5, r"\(0, 1\], got 1.5: theta")])
def test_a_share_out_of_range(share, error):
    with pytest.raises(ValueError, match=error):
        LocalNesterov(share)


@pytest.mark.parametrize("kappa", [1.0, 4.0, 1e6])
@pytest.mark.parametrize("share", [1e-6, 0.5, 1.0])
def test_the_momentum_solves_its_definition(kappa, share):
    # a = (1 - beta)/(1 + beta), and a^2 = (1 - theta) mu/L with theta = share sqrt(mu/L)/8.
    _, beta, gamma = LocalNesterov(share).tuning(Spectrum(2.0, 2.0 * kappa)).coefficients(0)
    a = (1 - beta) / (1 + beta)
    assert a**2 * kappa == pytest.approx(1 - share / 8 / kappa**0.5, rel=1e-9)
    assert gamma == beta


def test_the_bound_does_not_depend_on_theta():
    rates = {LocalNesterov(share).rate(BOUNDS) for share in (0.1, 0.5, 1.0)}
    assert len(rates) == 1
    steps = LocalNesterov().bound(BOUNDS, 16)
    assert steps.tolist() == pytest.approx([2 * math.exp(-t / 8) for t in range(17)])


@pytest.mark.parametrize(
    ("share", "error", "message"),
    [
        (-1.0, ValueError, "share must be a finite number above 0, got -1"),
        (math.nan, ValueError, "share must be a finite number above 0, got nan"),
        ("1", TypeError, "share must be a number, got '1'"),
    ],
)
def test_a_share_is_a_number_above_0(share, error, message):
    with pytest.raises(error, match=message):
        LocalNesterov(share)
    assert type(LocalNesterov(1).share) is float
