"""What the chapter on deep linear networks measures, against plain loops and mistakes."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from rootkappa import DeepLinear, evidence, ledger
from rootkappa.draws import generator, haar, numpy_generator
from rootkappa.evidence.deep_linear import bounds, frozen, networks, speed, start
from rootkappa.evidence.deep_linear.networks import METHODS
from rootkappa.problems import Spectrum
from rootkappa.training import grid


def _loop(model, weights, row, method, steps):
    """Residuals and last point of one replica, by matrix products and nothing else."""
    X, Y = model.X.numpy(), model.labels[row].numpy()
    now = [layer[row].numpy() for layer in weights]
    eta, beta, gamma = method.coefficients(0)
    scale = 1 / math.sqrt(model.scale_width ** (len(now) - 1) * len(Y))
    before, residuals = now, []

    def product(layers, size):
        found = np.eye(size)
        for layer in layers:
            found = layer @ found
        return found

    for _ in range(steps + 1):
        y = [w + gamma * (w - v) for w, v in zip(now, before, strict=True)]
        residual = scale * product(y, len(X)) @ X - Y
        residuals.append(residual.T.flatten())
        gradients = [
            scale * product(y[i + 1 :], len(y[i])).T @ residual @ X.T @ product(y[:i], len(X)).T
            for i in range(len(y))
        ]
        ahead = [
            w + beta * (w - v) - eta * g for w, v, g in zip(now, before, gradients, strict=True)
        ]
        before, now = now, ahead
    return np.stack(residuals), y


@pytest.mark.parametrize("name", METHODS)
def test_networks_with_labels_of_their_own_are_plain_loops(name):
    model, weights = networks.orthogonal([3, 8], 9.0, 40)
    run = grid((model, weights), method=METHODS[name], seed=[3, 8]).train(30, keep_residuals=True)
    assert not torch.equal(model.labels[0], model.labels[1])
    for row in range(2):
        plain, _ = _loop(model, weights, row, run.methods[row], 30)
        assert run.residuals[row].numpy() == pytest.approx(plain, abs=1e-13)


def test_a_subset_keeps_its_labels():
    model, weights = networks.orthogonal(range(3), 9.0, 40)
    chosen = model.select([2, 0])
    there = chosen.residual([layer[[2, 0]] for layer in weights])
    assert torch.equal(there, model.residual(weights)[[2, 0]])


def test_labels_do_not_know_the_weights_and_move_with_the_shift(monkeypatch):
    X = networks.inputs(9.0)
    labels = networks.labels(X, [0])
    first = DeepLinear(X, labels[0], 3, 2).initialise([0])[0].flatten()[:30]
    assert abs(float(torch.corrcoef(torch.stack([first, labels.flatten()[:30]]))[0, 1])) < 0.5
    monkeypatch.setenv("ROOTKAPPA_SHIFT", "3")
    assert not torch.equal(labels, networks.labels(X, [0]))


def test_blocks_are_enough_for_the_labels_of_every_draw():
    model, weights = networks.gaussian(range(3), 25.0, 256)
    more = networks.sample_krylov(model.X, model.Y, 256, range(3), blocks=12)
    pairs = ((model, weights), networks.own(more, model.labels))
    runs = [
        grid(pair, method=METHODS["heavy_ball"], seed=range(3)).train(150, keep_residuals=True)
        for pair in pairs
    ]
    gap = (runs[0].residuals - runs[1].residuals).norm(dim=2).amax(1) / runs[0].residual_norms[:, 0]
    assert float(gap.max()) < 1e-9


@pytest.mark.parametrize(("width", "depth"), [(20, 2), (20, 5)])
def test_kernels_drawn_at_any_width_have_the_law_of_networks(width, depth):
    network = DeepLinear(torch.eye(10).double(), torch.zeros(3, 10).double(), width, depth)
    ours = start.whitened(width, depth, 400, numpy_generator(1))
    theirs = network.whitened_spectrum(network.initialise(range(400)))
    for power in (1, 2):
        one, other = ours**power, theirs**power
        error = ((one.var(0) + other.var(0)) / 400).sqrt()
        assert bool(((one.mean(0) - other.mean(0)).abs() < 4 * error).all())
    # The mean kernel is the identity.
    assert float((ours.mean() - 1).abs()) < 4 * float(ours.mean(1).std()) / 20


def test_steps_are_those_of_a_plain_loop():
    counts = speed.counted(
        lambda kappa, seeds: networks.orthogonal(seeds, kappa, 10**4), (4, 9, 16), [5], METHODS
    )
    for level, kappa in enumerate((4, 9, 16)):
        model, weights = networks.orthogonal([5], kappa, 10**4)
        method = METHODS["nesterov"](model.spectra(weights)[0])
        norms = np.linalg.norm(_loop(model, weights, 0, method, 120)[0], axis=1)
        below = int(np.argmax(norms < 1e-6 * norms[0]))
        assert int(counts.steps["nesterov"][level, 0]) == below > 0
    x, y = counts.conditions[:, 0].log(), counts.steps["nesterov"][:, 0].log()
    assert counts.exponents("nesterov") == pytest.approx([np.polyfit(x, y, 1)[0]])


def test_the_gap_is_that_of_a_plain_loop(monkeypatch):
    monkeypatch.setattr(frozen, "WIDTHS", (128, 256, 512, 10**4, 10**5, 10**6))
    runs = frozen.widths_run([0, 1])
    seen = frozen.linearisation_gap([0, 1], runs).shown["gaps"]["orthogonal", "nesterov"]
    moved = frozen.kernel_drift([0, 1], runs)
    for row, width in enumerate(frozen.WIDTHS[:2]):
        model, weights = networks.orthogonal([0], 25.0, width)
        method = METHODS["nesterov"](model.spectra(weights)[0])
        real, point = _loop(model, weights, 0, method, 80)
        kernel = model.tangent_kernel(weights)[0].numpy()
        line = [real[0]]
        eta, beta, gamma = method.coefficients(0)
        past = e = real[0]
        for _ in range(80):
            e, past = e + beta * (e - past) - eta * kernel @ line[-1], e
            line.append(e + gamma * (e - past))
        worst = np.linalg.norm(real - np.stack(line), axis=1).max() / np.linalg.norm(real[0])
        assert float(seen[row, 0]) == pytest.approx(worst, rel=1e-9)
        move = max(
            np.linalg.norm(end - layer[0].numpy()) / np.linalg.norm(layer[0].numpy())
            for end, layer in zip(point, weights, strict=True)
        )
        last = model.select([0]).tangent_kernel([torch.from_numpy(end)[None] for end in point])
        drift = np.linalg.norm(last[0].numpy() - kernel) / np.linalg.norm(kernel)
        found = frozen.departures(runs.at(fill="orthogonal", method="nesterov"))
        assert float(found["weights"][row, 0]) == pytest.approx(move, rel=1e-9)
        assert float(found["kernel"][row, 0]) == pytest.approx(drift, rel=1e-9)
    assert moved.measured["kernel_nesterov"] == pytest.approx([-1.0] * 2, abs=0.05)
    assert moved.measured["weights_nesterov"] == pytest.approx([-0.5] * 2, abs=0.05)
    assert moved.control.measured["kernel_nesterov"] == pytest.approx([0.0] * 2, abs=0.3)


def test_the_tail_is_that_of_the_roots():
    setting, seeds = ("orthogonal", 25, 64), [0, 1]
    ball = speed.tails(METHODS["heavy_ball"], setting, seeds, momentum=True)
    fast = speed.tails(METHODS["nesterov"], setting, seeds, momentum=True)
    for row in range(2):
        model, weights = networks.orthogonal([row], 25.0, 64)
        values = np.linalg.eigvalsh(model.tangent_kernel(weights)[0].numpy())
        eta, beta, gamma = METHODS["nesterov"](Spectrum(values[0], values[-1])).coefficients(0)
        least = values[0] * float(fast.kept[row])
        quadratic = [1, -(1 + beta - eta * (1 + gamma) * least), beta - eta * gamma * least]
        assert float(fast.factor[row]) == pytest.approx(abs(np.roots(quadratic)).max(), abs=1e-6)
        assert float(ball.factor[row]) == pytest.approx(1 - 0.5 / math.sqrt(25), abs=1e-6)
        assert float(ball.kept[row]) < 0.8
        assert float((fast.factor - fast.first)[row]) > 1e-3


@pytest.mark.parametrize("name", ["heavy_ball", "nesterov"])
def test_the_worst_ratio_is_that_of_a_plain_loop(name):
    held = bounds.bounded(name, [4], steps=150)
    fill = held.theorem.initialisation
    model, weights = networks.drawn(fill, [4], bounds.KAPPA, bounds.WIDTH)
    residuals, _ = _loop(model, weights, 0, held.run.methods[0], 150)
    norms = np.linalg.norm(residuals, axis=1)
    widening = 5.0625 if name == "nesterov" else 1.0
    root = math.sqrt(25 * widening)
    prefactor, rate = (24, 1 - 0.5 / root) if name == "nesterov" else (8, 1 - 0.25 / root)
    pairs = np.hypot(norms[1:], norms[:-1]) / math.sqrt(2) / norms[0]
    ratios = pairs / (prefactor * root * rate ** np.arange(1, 151))
    assert held.ratio == pytest.approx([ratios.max()], rel=1e-9)


def test_a_mistaken_kernel_is_seen(monkeypatch):
    right = start.kernel_formula(range(2))
    exact = DeepLinear.tangent_kernel
    monkeypatch.setattr(DeepLinear, "tangent_kernel", lambda *given: 1.001 * exact(*given))
    assert max(right.measured["deviation"]) < 1e-14 < 1e-4
    assert min(start.kernel_formula(range(2)).measured["deviation"]) > 1e-4


def test_a_reduction_is_exact_at_every_depth_and_adam_leaves_it():
    found = frozen.orthogonal_reduction([0, 1, 2, 5], steps=20)
    assert max(found.measured["deviation"]) < 1e-12
    assert min(found.control.measured["deviation"]) > 1e-4


CLAIMS = ledger.open_chapter("deep-linear").claims
CHEAP = (
    "kernel-formula",
    "orthogonal-kernel",
    "residual-recursion",
    "nag-theorem",
    "hb-theorem",
    "gd-theorems",
)


@pytest.mark.parametrize("name", CHEAP)
def test_claims_hold_in_each_draw_and_their_controls_in_none(name):
    claim = CLAIMS[f"deep-linear/{name}"]
    found = evidence.measure(claim.id, draws=2, first=30)
    for quantity, (low, high) in claim.accept.items():
        assert all(low <= float(value) <= high for value in found.measured[quantity])
        if quantity in found.control.measured:
            assert not any(low <= float(v) <= high for v in found.control.measured[quantity])


def test_adam_sees_the_same_reduced_network_in_every_basis():
    _, (narrow, start) = frozen._pair([0, 4], depth=2)
    turn = haar(13, 13, generator(0))
    turned = [turn @ start[0], start[1] @ turn.mT]
    own, other = (frozen._in_a_frame_of_its_own(weights) for weights in (start, turned))
    torch.testing.assert_close(own, other)
    torch.testing.assert_close(narrow.predict(own), narrow.predict(start))
