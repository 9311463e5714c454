"""Two-layer ReLU networks on close pairs: races by plain loops, the derived loss on one pair."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch

from rootkappa import kernels, theorems
from rootkappa.evidence.deep_linear.networks import METHODS
from rootkappa.evidence.how_wide import population, races, relu
from rootkappa.evidence.how_wide.thresholds import NEAR, OWN
from rootkappa.problems import Spectrum
from rootkappa.reductions import CountedNeurons

STORE = Path(__file__).resolve().parents[3] / "book" / "data" / "how_wide.parquet"


def looped(method, residual, gradient, start, steps):
    """Residuals of a plain loop over one matrix."""
    eta, beta, gamma = method.coefficients(0)
    before = now = start
    seen = []
    for _ in range(steps + 1):
        ahead = now + gamma * (now - before)
        seen.append(residual(ahead))
        before, now = now, now + beta * (now - before) - eta * gradient(ahead)
    return torch.stack(seen)


def drawn(setting, seed, width):
    """A network as plain functions of W, its start, and the kernel there."""
    model = relu.network(setting, seed, width)
    W, a = (layer[0] for layer in CountedNeurons([seed]).draw(model))

    def xi(W):
        return model.factor * (a @ (W @ model.X).clamp(min=0))[0] - model.Y[0]

    def gradient(W):
        return model.factor * a.T * (W @ model.X >= 0) * xi(W) @ model.X.T

    active = (W @ model.X >= 0).double()
    kernel = model.factor**2 * (model.X.T @ model.X) * (active.T @ active)
    return model, xi, gradient, W, kernel


def test_a_pair_has_the_condition_number_asked_for():
    for kappa in (4, 16, 64):
        theta = relu.angle(kappa)
        X = torch.tensor([[1.0, math.cos(theta)], [0.0, math.sin(theta)]], dtype=torch.float64)
        assert Spectrum.of(kernels.relu_limit(X)).kappa == pytest.approx(kappa)


@pytest.mark.parametrize("method", METHODS)
def test_races_are_those_of_plain_loops(method):
    setting = relu.usual(method, kappa=8)
    seen = relu.race(setting, [5], [128])
    _, xi, gradient, start, kernel = drawn(setting, 5, 128)
    tuned = METHODS[method](Spectrum.of(kernel))
    run = looped(tuned, xi, gradient, start, 900)
    flat = looped(tuned, lambda xi: xi, lambda xi: kernel @ xi, run[0], 900)
    slope, frozen = (races.tail_rate(path.norm(dim=1)) for path in (run, flat))
    arrival = int((flat.norm(dim=1) < 1e-6 * flat[0].norm()).double().argmax())
    assert bool(seen.arrived[0])
    assert float(seen.tail[0]) == pytest.approx(slope / frozen, rel=1e-6)
    gap = ((run - flat).norm(dim=1) / flat[0].norm())[: arrival + 1].max()
    assert float(seen.gap[0]) == pytest.approx(float(gap), rel=1e-6)


def test_the_bound_by_a_plain_loop():
    setting = relu.usual(kappa=8)
    model, xi, gradient, start, _ = drawn(setting, 6, 64)
    theorem = theorems.ReluNesterov()
    C, q = theorem.rate(model)
    norms = looped(theorem.tuning(model), xi, gradient, start, 600).norm(dim=1)
    last = int((norms < 1e-6 * norms[0]).double().argmax()) - 1
    pairs = ((norms[1:] ** 2 + norms[:-1] ** 2) / 2).sqrt() / norms[0]
    ratios = pairs[:last] / (C * q ** torch.arange(1, last + 1))
    assert float(relu.excess(setting, [6], [64])) == pytest.approx(float(ratios.max()), rel=1e-6)


def test_a_pair_loses_what_is_derived():
    # One pair of labels 1 and -1 in the plane, by a plain loop of gradient descent.
    theta, half = relu.angle(16), 1 << 15
    X = torch.tensor([[1.0, math.cos(theta)], [0.0, math.sin(theta)]], dtype=torch.float64)
    y, s = torch.tensor([0.1, -0.1], dtype=torch.float64), (2 * half) ** -0.5
    W = torch.randn(half, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(3))
    W, a = torch.cat([W, W]), torch.cat([torch.ones(half), -torch.ones(half)]).double()

    def least(weights):
        active = (weights @ X >= 0).double()
        return float(torch.linalg.eigvalsh(s**2 * (X.T @ X) * (active.T @ active))[0])

    before = least(W)
    for _ in range(120):
        Z = W @ X
        residual = s * a @ Z.clamp(min=0) - y
        W = W - s * a[:, None] * ((Z >= 0) * residual) @ X.T
    pull = torch.linalg.solve(kernels.relu_limit(X), y).abs().mean()
    told = float(relu.loss(theta, pull)) * s
    assert 1 - least(W) / before == pytest.approx(told, rel=0.15)


def test_derived_widths_have_the_powers_of_a_small_angle():
    def width(**changes):
        setting = relu.usual("gradient_descent", **{"kappa": 20, "size": 0.1} | changes)
        return math.log2(relu.derived_tails(setting, NEAR, [0])[0])

    # Widths are told to a quarter of an octave.
    assert width(size=0.4) - width() == pytest.approx(4)
    assert width(kappa=40) - width() == pytest.approx(4 * math.log2(41 / 21), abs=0.3)


def test_a_block_of_the_stored_widths_is_found_again():
    widths = population.stored(STORE)
    setting = relu.usual("gradient_descent")
    again = population.measured(setting, OWN, [1, 2])
    for check in OWN:
        kept = widths(setting, check, [1, 2])
        assert again.where(check=check)["width"].tolist() == kept.tolist()
