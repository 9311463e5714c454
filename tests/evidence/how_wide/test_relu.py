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


def descended(X, Y, half, steps):
    """Tangent kernels at the start and at the end of a plain loop of gradient descent, in twins."""
    k, s = len(Y), (2 * half) ** -0.5
    source = torch.Generator().manual_seed(3)
    W = torch.randn(half, 2, dtype=torch.float64, generator=source).repeat(2, 1)
    a = 1.0 - 2.0 * torch.randint(0, 2, (k, half), generator=source).double()
    a = torch.cat([a, -a], 1)

    def kernel(W):
        open_ = torch.einsum("kr,ri->rik", a, (W @ X >= 0).double()).flatten(1)
        return s**2 * torch.kron(X.T @ X, torch.ones(k, k).double()) * (open_.T @ open_)

    first = kernel(W)
    for _ in range(steps):
        Z = W @ X
        residual = s * a @ Z.clamp(min=0) - Y
        W = W - s * (a.T @ residual * (Z >= 0)) @ X.T
    return first, kernel(W)


def test_a_pair_loses_what_is_derived():
    # One pair of labels 0.1 and -0.1 in the plane.
    theta, half = relu.angle(16), 1 << 15
    X = torch.tensor([[1.0, math.cos(theta)], [0.0, math.sin(theta)]], dtype=torch.float64)
    y = torch.tensor([0.1, -0.1], dtype=torch.float64)
    before, after = (torch.linalg.eigvalsh(H)[0] for H in descended(X, y[None], half, 120))
    pull = torch.linalg.solve(kernels.relu_limit(X), y).abs().mean()
    told = float(relu.loss(theta, pull)) * (2 * half) ** -0.5
    assert 1 - float(after / before) == pytest.approx(told, rel=0.15)


def test_a_pair_of_two_outputs_loses_what_is_derived():
    setting, half = relu.usual(kappa=16, pairs=1, outputs=2), 1 << 17
    data = relu.points(setting, 4)
    first, last = descended(data.X, data.Y, half, 120)
    slow = torch.kron(torch.tensor([[1.0, -1.0]]).double(), torch.eye(2).double()) / math.sqrt(2)
    lost = (1 + setting.kappa) * slow @ (first - last) @ slow.T
    told = relu.losses(setting, 4)[0][0] * (2 * half) ** -0.5
    torch.testing.assert_close(torch.linalg.eigvalsh(lost), told, rtol=0.2, atol=0.0)


def test_the_derived_width_is_that_of_the_largest_label():
    # To leading order y^2/(16 pi lambda^4 eps^2), for as many pairs as there are.
    for pairs in (2, 16):
        setting = relu.usual("gradient_descent", 40, pairs=pairs)
        one, other = relu.points(setting, 2).Y[0].view(2, pairs)
        largest = float((one - other).square().max()) / 2
        told = largest * 41**4 / (16 * math.pi * NEAR**2)
        assert float(relu.derived_tails(setting, NEAR, [2])) == pytest.approx(told, rel=0.4)


def test_derived_widths_have_the_powers_of_a_small_angle():
    def width(**changes):
        setting = relu.usual("gradient_descent", **{"kappa": 20, "size": 0.1} | changes)
        return math.log2(relu.derived_tails(setting, NEAR, [0])[0])

    # Widths are told to a quarter of an octave.
    assert width(size=0.4) - width() == pytest.approx(4)
    assert width(kappa=40) - width() == pytest.approx(4 * math.log2(41 / 21), abs=0.3)


@pytest.mark.parametrize(
    "changes", [{}, {"size": 0.4, "pairs": 8}, {"size": 0.4, "outputs": 2}], ids=str
)
def test_a_block_of_the_stored_widths_is_found_again(changes):
    widths = population.stored(STORE)
    setting = relu.usual("gradient_descent", **changes)
    again = population.measured(setting, OWN, [1, 2])
    for check in OWN:
        kept = widths(setting, check, [1, 2])
        assert again.where(check=check)["width"].tolist() == kept.tolist()
