"""The numbers of Theorem 7: reference values, identities, and what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from rootkappa.dynamics import modal_response, spectral_radius
from rootkappa.optimizers import nesterov
from rootkappa.problems import PartitionConstants
from rootkappa.theorems import PartitionNesterov
from rootkappa.theorems.liao2024provable.parameters import Parameters


@pytest.mark.parametrize("c", [1e-3, 0.1, 0.25, 1])
@pytest.mark.parametrize("kappa", [2, 20, 1e4])
def test_identities_of_the_numbers(kappa, c):
    found = Parameters(3.0, 3.0 * kappa, c)
    s, t = math.sqrt(kappa), math.sqrt(c)
    assert found.beta == pytest.approx((4 * s - t) / (4 * s + 7 * t), rel=1e-14)
    assert (1 + found.gamma) * found.rate - 1 == pytest.approx(found.gamma / 2, abs=1e-13)
    assert (1 - found.beta) / (1 + found.beta) == pytest.approx(8 * t / (8 * s + 6 * t), rel=1e-12)


@pytest.mark.parametrize("c", [1e-3, 0.25, 1])
@pytest.mark.parametrize("kappa", [2, 1e4])
def test_the_slowest_mode_decides_the_exact_rate(kappa, c):
    constants = PartitionConstants.strongly_convex(3.0, 3.0 * kappa)
    theorem = PartitionNesterov(c)
    modes = torch.logspace(0, math.log10(kappa), 50, dtype=torch.float64) * 3
    radius = float(spectral_radius(theorem.tuning(constants), modes).max())
    assert radius**2 == pytest.approx(theorem.numbers(constants).exact_rate)


def test_the_beat_of_the_slowest_mode():
    # The two roots of z^2 - (1 + beta)(1 - q^2) z + beta (1 - q^2), with q^2 = 1/20.
    found = Parameters(1.0, 20.0, 1.0)
    trace, product = (1 + found.beta) * 0.95, found.beta * 0.95
    angle = math.atan2(math.sqrt(4 * product - trace**2), trace)
    assert found.beat_period == pytest.approx(math.pi / angle)


def test_the_constants_of_the_lemmas_are_the_printed_ones():
    p = Parameters(2.0, 50.0, 0.2)
    b, eta = p.beta, 0.2 / 50
    assert p.Q2(3.0) == pytest.approx(6 * eta * 4 / (1 - b))
    assert p.Q3(3.0) == pytest.approx(6 * eta * 3 * 4 * (1 + b) ** 3 / (2 * b * (1 - b) ** 3))
    error = 0.25 * 3 / (2 * p.gamma) + 4 * p.Q1 * 0.49 * (1 + p.gamma) / (p.gamma * 4)
    assert p.lemma17_error(3.0, 0.5, 0.7) == pytest.approx(b**2 * error)


BAD = [
    ((0, 1), ValueError, r"mu must be a finite number above 0, got 0"),
    ((1, 0.5), ValueError, r"L1 must be finite and at least 1, got 0.5: swap it with mu"),
    ((1, math.inf), ValueError, r"L1 must be finite and at least 1, got inf"),
    ((1, 2, 0), ValueError, r"c must lie in \(0, 1\], got 0"),
    ((1, 2, 1.5), ValueError, r"c must lie in \(0, 1\], got 1.5"),
    ((1, 2, math.nan), ValueError, r"c must be a finite number, got nan"),
    ((1, "2"), TypeError, r"L1 must be a number, got '2'"),
    ((None, 2), TypeError, r"mu must be a number, got None"),
]


@pytest.mark.parametrize(("numbers", "error", "message"), BAD)
def test_numbers_out_of_range_are_refused(numbers, error, message):
    with pytest.raises(error, match=message):
        Parameters(*numbers)


def test_numbers_by_hand():
    # kappa = 16 and c = 1/4: q = 1/8, beta = (31/8)/(39/8), gamma = 1/31 and r = 1 - 1/64.
    p = Parameters(0.5, 8.0)
    assert (p.c, p.kappa, p.eta, p.q) == (0.25, 16, 1 / 32, 1 / 8)
    assert p.beta == pytest.approx(31 / 39)
    assert p.gamma == pytest.approx(1 / 31)
    assert p.lam == pytest.approx((32 / 31) ** 3 - 1)
    assert pytest.approx(((32 / 31) ** 3 - 1) ** 2 * 16 * (31 / 32) ** 5) == p.Q1
    assert p.rate == pytest.approx(63 / 64)
    assert p.exact_rate == pytest.approx(31 / 39 * 63 / 64)


@pytest.mark.parametrize("scale", [1e-9, 1e9])
def test_units_change_the_step_and_the_weight_alone(scale):
    one, other = Parameters(2.0, 50.0, 0.2), Parameters(2.0 * scale, 50.0 * scale, 0.2)
    for name in ("beta", "gamma", "lam", "rate", "q", "exact_rate", "beat_period", "kappa"):
        assert getattr(other, name) == pytest.approx(getattr(one, name), rel=1e-12), name
    assert other.eta == pytest.approx(one.eta / scale)
    assert pytest.approx(one.Q1 * scale) == other.Q1


@pytest.mark.parametrize("kappa", [1.5, 20, 1e6])
def test_a_larger_constant_is_a_faster_rate_with_less_momentum(kappa):
    found = [Parameters(1.0, kappa, c) for c in (1e-3, 0.1, 0.25, 1.0)]
    for name, falls in (("rate", True), ("exact_rate", True), ("beta", True), ("eta", False)):
        values = [getattr(p, name) for p in found]
        assert values == sorted(values, reverse=falls), name
    assert all(p.exact_rate < p.rate < 1 for p in found)


def test_the_beat_is_seen_in_the_loss_of_the_slowest_mode():
    # Its residual changes sign after every half period of the root.
    p = Parameters(1.0, 400.0, 1.0)
    method = nesterov(p.eta, p.beta)
    u = modal_response(method, [1.0], 2000)[0]
    signs = torch.nonzero(u.sign().diff() != 0).flatten()
    apart = signs.double().diff()[1:]
    assert float(apart.mean()) == pytest.approx(p.beat_period, rel=0.02)


def test_numbers_are_kept_as_floats():
    p = Parameters(1, np.int64(4), torch.tensor(1))
    assert (p.mu, p.L1, p.c) == (1.0, 4.0, 1.0)
    assert {type(value) for value in vars(p).values()} == {float}
