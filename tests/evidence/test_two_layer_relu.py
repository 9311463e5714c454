"""What the chapter on two-layer ReLU networks measures, against plain loops in NumPy."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from rootkappa import dynamics, kernels, ledger, train
from rootkappa.evidence import measure
from rootkappa.evidence.two_layer_relu import (
    bounds,
    flips,
    frozen_live,
    great_widths,
    kernel,
    networks,
    real,
    tails,
    widths,
)
from rootkappa.ledger.verdicts import inside
from rootkappa.problems import Spectrum
from rootkappa.reductions import CountedNeurons
from rootkappa.residuals.activations import lazy_displacement
from rootkappa.training import Snapshot

CLAIMS = ledger.open_chapter("two-layer-relu").claims
# Run here on somewhat smaller networks; the others on much smaller ones below.
QUICK = (
    "infinite-kernel",
    "kernel-concentration",
    "data-assumption",
    "acceleration",
    "rates",
    "nag-theorem",
    "flip-and-gram-bounds",
    "residual-recursion",
    "frozen-live-exact",
)


def plain(seed, width, steps, step=None):
    """Gradient descent by hand: residuals, activations, weights, first kernel and step size."""
    model, (W, a) = networks.started(seed, width)
    X, y, W, a = model.X.numpy(), model.Y[0].numpy(), W[0].numpy().copy(), a[0, 0].numpy()
    gram = X.T @ X
    first = gram * ((W @ X >= 0).T.astype(float) @ (W @ X >= 0)) / width
    eta = 1 / np.linalg.eigvalsh(first)[-1] if step is None else step
    residuals, patterns, weights = [], [], []
    for _ in range(steps + 1):
        Z = W @ X
        active = Z >= 0
        xi = a @ (active * Z) / math.sqrt(width) - y
        residuals.append(xi)
        patterns.append(active)
        weights.append(W.copy())
        W -= eta * ((a[:, None] * active * xi) @ X.T) / math.sqrt(width)
    return (*map(np.array, (residuals, patterns, weights)), first, eta)


@pytest.mark.parametrize("name", QUICK)
def test_the_check_holds_and_the_control_fails(name, monkeypatch):
    monkeypatch.setattr(tails, "ANGLES", (0.8, 0.4, 0.2))
    monkeypatch.setattr(tails, "_WIDTHS", (128, 2048))
    monkeypatch.setattr(bounds, "TRIED", (4, 512))
    monkeypatch.setattr(kernel, "_NEURONS", 50_000)
    claim = CLAIMS[f"two-layer-relu/{name}"]
    evidence = measure(claim.id, draws=2)
    for quantity, values in evidence.measured.items():
        if isinstance(values, list):
            assert all(inside(value, claim.accept[quantity]) for value in values), quantity
    failing = [
        [not inside(value, claim.accept[quantity]) for value in values]
        for quantity, values in evidence.control.measured.items()
    ]
    assert all(any(draw) for draw in zip(*failing, strict=True))


@pytest.mark.parametrize("name", ["data-assumption", "flip-and-gram-bounds"])
def test_a_draw_does_not_depend_on_the_others(name):
    both = measure(f"two-layer-relu/{name}", draws=2, first=4).measured
    alone = measure(f"two-layer-relu/{name}", draws=2, first=5).measured
    for quantity, values in both.items():
        if isinstance(values, list):
            assert values[1] == pytest.approx(alone[quantity][0], rel=1e-9, abs=1e-15)


def test_data_and_weights_are_independent_draws():
    model, (W, _) = networks.started(0, 64)
    # From one generator the first numbers would be the same ones, up to the norms of the columns.
    assert abs(np.corrcoef(model.X.numpy().ravel()[:16], W[0].numpy().ravel()[:16])[0, 1]) < 0.9


def test_stuck_pairs_and_sliding_kernel_by_hand():
    end = flips.last_steps(0, 96, "gradient_descent")
    steps = int(16 / networks.speed(end.method, Spectrum.of(end.first))) + 64
    residuals, patterns, _, first, _ = plain(0, 96, steps)
    assert end.first.numpy() == pytest.approx(first, abs=1e-12)
    changed = patterns[-64:] ^ patterns[-65:-1]
    stuck = changed[:32].any(0) & changed[32:].any(0)
    assert stuck.sum() > 5
    # Rounding may decide on a pair that barely sticks.
    assert (stuck ^ end.stuck.numpy()).sum() <= 0.1 * stuck.sum()
    assert end.residuals[-1].numpy() == pytest.approx(residuals[-1], rel=1e-3)

    X, usual = end.model.X.numpy(), patterns[-65:-1].mean(0) > 0.5
    by_hand = np.zeros((20, 20))
    for r in range(96):
        kept = [i for i in range(20) if usual[r, i] and not stuck[r, i]]
        held = X[:, stuck[r]]
        for i in kept:
            along = held @ np.linalg.lstsq(held, X[:, i], rcond=None)[0] if held.size else 0.0
            for k in kept:
                by_hand[i, k] += (X[:, i] - along) @ X[:, k] / 96
    found = flips.sliding_kernel(end.model.X, *(torch.from_numpy(each) for each in (usual, stuck)))
    assert found.numpy() == pytest.approx(by_hand, abs=1e-12)


def test_a_neuron_that_sticks_to_all_it_sees_drops_out():
    X = torch.eye(3).double()
    active = torch.tensor([[True, True, False], [True, True, True]])
    stuck = torch.tensor([[True, True, False], [False, False, False]])
    found = flips.sliding_kernel(X, active, stuck)
    assert found.tolist() == (torch.eye(3) / 2).tolist()


def test_counts_of_stuck_pairs_on_small_networks(monkeypatch):
    monkeypatch.setattr(flips, "WIDTHS", (32, 64, 128))
    found = flips.kinks(range(2))
    assert min(found.measured["stuck"]) > 0
    assert max(found.control.measured["stuck"]) == 0
    assert max(found.measured["sliding"]) < 0.05
    assert found.measured["advantage"][0] > 3


def test_lazy_speeds_are_those_of_the_kernel():
    model = tails.pairs_at(2, 0.4)
    W = model.initialise([2])[0][0].numpy()
    X = model.X.numpy()
    active = (W @ X >= 0).astype(float)
    values = np.linalg.eigvalsh(X.T @ X * (active.T @ active) / 1024)
    root = math.sqrt(values[-1] / values[0])
    laws = {
        "gradient_descent": 1 - values[0] / values[-1],
        "heavy_ball": max(
            abs(np.roots([1, -(1 + (1 - 0.5 / root) ** 2 - 1 / root**2), (1 - 0.5 / root) ** 2]))
        ),
    }
    seen = tails._speeds([2], tails._LAZY, (0.4,))
    for name, factor in laws.items():
        assert float(seen[name][0, 0]) == pytest.approx(1 - factor, rel=1e-4)
    assert float(seen["kappa"][0, 0]) == pytest.approx(root**2, rel=1e-9)


def test_the_lost_rate_against_a_plain_loop():
    *_, first, eta = plain(1, 64, 0)
    unit = 1 / (eta * np.linalg.eigvalsh(first)[0])
    begin, end = int(4 * unit), int(14 * unit)
    residuals, patterns, *_ = plain(1, 64, end)
    frozen = [residuals[0]]
    for _ in range(end):
        frozen.append(frozen[-1] - eta * first @ frozen[-1])
    speeds = []
    for norms in (np.linalg.norm(residuals, axis=1), np.linalg.norm(frozen, axis=1)):
        largest = np.maximum.accumulate(norms[::-1])[::-1]
        speeds.append(1 - (largest[end] / largest[begin]) ** (1 / (end - begin)))
    lost = tails._lost(1, 64, "gradient_descent")
    assert lost.deviation == pytest.approx(speeds[0] / speeds[1] - 1, abs=1e-3)
    X = networks.network(1, 64).X.numpy()
    moved = X.T @ X * (patterns[-1].T.astype(float) @ patterns[-1]) / 64 - first
    assert lost.move == pytest.approx(
        np.linalg.norm(moved, 2) / np.linalg.eigvalsh(first)[0], rel=0.05
    )


def test_the_bound_by_hand():
    X = networks.inputs(1).X.numpy()
    angles = np.arccos(np.clip(X.T @ X, -1, 1))
    values = np.linalg.eigvalsh(X.T @ X * (math.pi - angles) / (2 * math.pi))
    root = math.sqrt((values[-1] + values[0] / 4) / (0.75 * values[0]))
    run = bounds.raced([1], 64, "nesterov")
    norms = run.residual_norms[0].numpy()
    pairs = np.hypot(norms[1:], norms[:-1]) / math.hypot(norms[0], norms[0])
    bound = 24 * root * (1 - 0.5 / root) ** np.arange(1, len(norms))
    seen = (pairs / bound)[bound > 1e-12].max()
    assert bounds._ratios([1], run, 64, 1) == pytest.approx([seen], rel=1e-5)
    later = (pairs / bound)[math.ceil(2 * root) - 1 :][
        bound[math.ceil(2 * root) - 1 :] > 1e-12
    ].max()
    assert bounds._ratios([1], run, 64, None) == pytest.approx([later], rel=1e-5)


def test_the_pushes_by_hand(monkeypatch):
    monkeypatch.setattr(bounds, "_PUSHED", 60)
    found = bounds._pushed(3, 1.0)
    model, (W, _) = networks.started(3, 60)
    X, W = model.X.numpy(), W[0].numpy()

    def hand(V):
        return X.T @ X * ((V @ X >= 0).T.astype(float) @ (V @ X >= 0)) / 60

    flipping, changes = [], []
    for R in (0.2, 0.1, 0.05, 0.02):
        flipping += [sum(abs(w @ x) <= R for w in W) / (4 * 60 * R) for x in X.T]
        aimed = np.array([w - R * np.sign(w @ X[:, 0]) * X[:, 0] for w in W])
        changes.append(np.linalg.norm(hand(aimed) - hand(W)) / (2 * 20 * R))
    assert found["flip_ratio"] == pytest.approx(max(flipping))
    assert found["gram_ratio"] == pytest.approx(max(changes))


def test_the_sweep_on_small_networks(monkeypatch):
    monkeypatch.setattr(widths, "WIDTHS", (64, 128, 256))
    swept = widths.sweep([0, 1])
    eta = 1 / np.linalg.eigvalsh(kernels.relu_limit(networks.inputs(1).X))[-1]
    residuals, patterns, weights, first, _ = plain(1, 64, 128, eta)
    frozen = [residuals[0]]
    for _ in range(128):
        frozen.append(frozen[-1] - eta * first @ frozen[-1])
    away = np.linalg.norm(residuals - frozen, axis=1).max() / np.linalg.norm(residuals[0])
    moves = np.linalg.norm(weights[::16] - weights[0], axis=2).max()
    length = math.sqrt(residuals[0] @ np.linalg.solve(first, residuals[0]))
    by_hand = {
        "trajectory": away,
        "movement": moves,
        "flips": (patterns[-1] ^ patterns[0]).mean(),
        "ratio": np.linalg.norm(weights[-1] - weights[0]) / length,
    }
    for what, value in by_hand.items():
        assert float(swept.lazy[what][1, 0, 0]) == pytest.approx(value, rel=1e-2), what


def test_claims_of_one_sweep_read_it(monkeypatch):
    monkeypatch.setattr(widths, "WIDTHS", (16, 32, 64))
    swept = widths.sweep([0, 1])
    moved = swept.lazy["movement"][:, :, -1]
    measured = widths.excursion([0, 1], swept).measured
    assert measured["over_nesterov"] == pytest.approx((moved[:, 1] / moved[:, 2]).tolist())
    for claim in (widths.lazy_scalings, widths.displacement):
        found = claim([0, 1], swept)
        assert found.measured.keys() >= found.control.measured.keys()


def test_real_data_on_small_networks(monkeypatch):
    monkeypatch.setattr(real, "SIZES", (16, 128))
    run = real.race([0], "diabetes", (16, 128))
    steps = run.steps_to(0.1).clamp(max=real.EPOCHS)
    gained, balls = real.gains(run, 0.1)
    assert gained.flatten().tolist() == pytest.approx((steps[[0, 3]] / steps[[2, 5]]).tolist())
    compared = real._compared({"diabetes": run})["speed_up"]
    means = [real.gains(run, each)[0].log().mean().exp() for each in real.ACCURACIES]
    assert compared == pytest.approx([float(min(means))])
    assert balls.flatten().tolist() == pytest.approx((steps[[1, 4]] / steps[[2, 5]]).tolist())


def test_the_mean_has_students_interval():
    value, (low, high) = networks.mean_of([1.0, 2.0, 3.0])
    assert (value, high - low) == pytest.approx((2.0, 2 * 4.30265 / math.sqrt(3)), rel=1e-5)
    value, (low, high) = networks.geometric_mean_of([math.exp(x) for x in (1, 2, 3)])
    assert (value, low * high) == pytest.approx((math.exp(2), math.exp(4)))


@pytest.mark.parametrize("place", range(3))
def test_great_widths_are_measured_as_by_the_direct_loop(place):
    width, steps = 600, great_widths.STEPS
    model, row = networks.network(3, width), great_widths.record(3, width)[place]
    spectrum = Spectrum.of(kernels.relu_limit(networks.inputs(3).X))
    method = list(networks.METHODS.values())[place](spectrum)
    start = CountedNeurons([3]).draw(model)
    run = train(model, method, start, steps, keep_residuals=True)
    kernel_of_start, xi = model.tangent_kernel(start)[0], run.residuals[0]
    linear = dynamics.frozen_residuals(method, kernel_of_start, xi[0], steps)
    now, field = run.snapshot(), lazy_displacement(model, start)[0]
    moved = run.weights[0] - start[0]
    wanted = {
        "trajectory": (xi - linear).norm(dim=1).max() / xi[0].norm(),
        "movement": Snapshot.largest_displacement(now),
        "flips": Snapshot.flipped_share(now),
        "ratio": moved.norm() / field.norm(),
        "field": (moved - field).norm() / field.norm(),
    }
    assert row["seed"], row["width"] == (3, width)
    for name in great_widths.WHAT:
        assert row[name] == pytest.approx(float(wanted[name]), rel=1e-8), name
    assert row["audit"] < 1e-13
    assert row["warm"] >= row["ever"] >= row["flips"] * width * 20


def test_the_stored_table_is_complete_and_a_row_is_measured_again():
    table = great_widths.stored()
    keys = [tuple(table[name].tolist()) for name in great_widths.KEYS]
    wanted = [
        (seed, width, name)
        for seed in range(20)
        for width, count in great_widths.DRAWS.items()
        for name in sorted(networks.METHODS)
        if seed < count
    ]
    assert sorted(zip(*keys, strict=True)) == wanted
    seed = int(np.random.default_rng().integers(20))
    for row in great_widths.record(seed, 10**4):
        stored = table.where(
            (table["seed"] == seed) & (table["width"] == 10**4) & (table["method"] == row["method"])
        )
        for name in great_widths.WHAT:
            assert stored[name][0] == pytest.approx(row[name], rel=1e-6), (seed, name)
        for name in ("expected", "warm", "hot", "passes", "refreshes", "ever"):
            assert stored[name][0] == pytest.approx(row[name], rel=0.02), (seed, name)


def test_exponents_of_the_stored_table():
    halves = great_widths.column("movement", "nesterov", frozen_live.FULL)
    assert halves.shape == (20, len(frozen_live.FULL))
    slopes = np.polyfit(np.log(frozen_live.FULL), np.log(halves).T, 1)[0]
    ours = [frozen_live._slope(frozen_live.FULL, row) for row in halves]
    np.testing.assert_allclose(ours, slopes)
    count = great_widths.DRAWS[10**7]
    each = great_widths.column("field", "nesterov")
    assert each.shape == (count, len(great_widths.DRAWS))
    mean, (low, high) = frozen_live.mean_exponent("field", 9.0)
    assert low < mean < high


def test_trained_outer_weights_are_another_run():
    assert frozen_live.trained_outer(0) > 0.01
