"""What the chapter on flows and schedules measures, against plain loops, SciPy and NumPy."""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from scipy import special

from rootkappa import datasets
from rootkappa.evidence import dynamical_view as view
from rootkappa.evidence import measure
from rootkappa.evidence.dynamical_view import (
    flows,
    laws,
    limits,
    networks,
    notebook,
    restarts,
    runs,
)
from rootkappa.ledger.claims import read_claims
from rootkappa.ledger.verdicts import inside
from rootkappa.optimizers import HigherMomentum, nesterov

CLAIMS = read_claims(Path(__file__).parents[2] / "book" / "claims.toml")
# Without a network, and so quick.
QUICK = ("hb-flow", "nag-flow", "discrete-solution", "discretisation-order", "higher-momentum")


@cache
def measured(name, draws, first):
    """Evidence that several tests look at."""
    return measure(f"dynamical-view/{name}", draws, first)


def momentum(k):
    return max(k - 1, 0) / (k + 2)


def schedule(gradient, start, steps, ahead=True):
    """Points y_0, ..., y_T of the schedule with step 1, or x_k of its heavy-ball twin."""
    before, now, path = start, start, []
    for k in range(steps + 1):
        point = now + ahead * momentum(k) * (now - before)
        path.append(point)
        before, now = now, now + momentum(k) * (now - before) - gradient(point)
    return path


def holds(claim, values):
    """Whether each draw, or the number of all draws, lies inside."""
    accept = CLAIMS[claim].accept
    each = {name: value if isinstance(value, list) else [value] for name, value in values.items()}
    draws = max(map(len, each.values()))
    return [
        all(inside(of[min(i, len(of) - 1)], accept[name]) for name, of in each.items())
        for i in range(draws)
    ]


@pytest.mark.parametrize("name", QUICK)
def test_claims_hold_and_their_controls_fail(name):
    found = measured(name, 2, 4)
    assert holds(found.claim, found.measured) == [True, True]
    assert holds(found.claim, found.control.measured) == [False, False]


@pytest.mark.parametrize("name", QUICK)
def test_a_draw_does_not_depend_on_the_others(name):
    both, alone = measured(name, 2, 4).measured, measured(name, 1, 5).measured
    for quantity, values in both.items():
        if isinstance(values, list):
            assert values[1] == pytest.approx(alone[quantity][0], rel=1e-9, abs=1e-12)


def test_another_shift_is_another_draw(monkeypatch):
    before = view.drawn(0).spectrum.kappa, networks.network(0).Y
    monkeypatch.setenv("ROOTKAPPA_SHIFT", "3")
    assert view.drawn(0).spectrum.kappa != before[0]
    assert not torch.equal(networks.network(0).Y, before[1])


def test_hypotheses_are_read_off_reports():
    too_much = flows.HeavyBallFlowBound(4.0).check(view.drawn(0, least=1.0).spectrum)
    assert too_much.unmet == ("friction at most 5/2 sqrt(mu)",)
    assert all(report.holds for report in measured("hb-flow", 1, 5).hypotheses[0])


def test_the_loss_along_the_flow_is_that_of_bessel_functions():
    draw, t = view.drawn(2, least=1.0), np.array([3.0, 40.0])
    z = np.sqrt(draw.spectrum.eigenvalues.numpy())[:, None] * t
    modes = draw.weights.numpy()[:, None] * 2 * special.jv(1, z) / z
    found = draw.loss(flows.VanishingFriction(3), torch.tensor(t))
    assert found.numpy() == pytest.approx((modes**2).sum(0) / 2, rel=1e-10)


@pytest.mark.parametrize("ahead", [True, False])
def test_the_late_factor_and_the_slope_of_frozen_modes(ahead):
    values, steps = np.array([0.06, 0.3, 1.0]), 1200
    path = schedule(lambda e: values * e, np.ones(3), steps, ahead)
    name = networks.SCHEDULE if ahead else networks.TWIN
    kernel = torch.tensor(values), torch.eye(3, dtype=torch.float64)
    found = {name: torch.tensor(np.array(path))}
    run = networks.Trained(kernel, {}, found, {}, {}, {name: kernel[1][0]}, 0)
    if ahead:
        assert run.late_factor(name) == pytest.approx(math.sqrt(1 - 0.06), rel=1e-3)
    else:
        assert run.slope(name) == pytest.approx(-1.5, abs=0.02)
        assert run.late_factor(name) > 0.999


def test_a_trained_network_is_a_plain_loop():
    (run,) = networks._discrete([3], 1e-3, 40)
    model = networks.network(3)
    W, a = (layer[0].numpy() for layer in model.initialise([3]))
    X, Y = model.X.numpy(), model.Y.numpy()
    outer, size = a / 16, run.methods[networks.SCHEDULE].step_size

    def residual(W):
        return outer @ np.maximum(W @ X, 0) - Y

    def step(W):
        return size * ((W @ X >= 0) * (outer.T @ residual(W))) @ X.T

    found = run.residuals[networks.SCHEDULE].numpy()
    start = np.linalg.norm(found[0])
    for k, point in enumerate(schedule(step, W, 40)):
        assert np.linalg.norm(residual(point)[0] - found[k]) < 1e-11 * start
    open_ = (outer[0][:, None] * (W @ X >= 0)).T
    assert np.linalg.eigvalsh(X.T @ X * (open_ @ open_.T)) == pytest.approx(run.kernel[0].numpy())


def test_the_flow_on_several_networks_is_that_on_each():
    found = networks._flows([0, 1], steps=6)
    model, (W, a) = networks.network(1), networks.network(1).initialise([1])
    root = model.spectra([W, a])[0].lambda_max ** -0.5
    times = root * torch.arange(7, dtype=torch.float64)
    path = networks.FLOW.integrate(lambda w: model.gradient([w, a])[0], W, times, tolerance=1e-10)
    along = torch.stack([model.residual([w, a])[0, 0] for w in path])
    assert torch.allclose(found[1], along, rtol=0, atol=1e-4 * float(along[0].norm()))


def test_labels_of_order_one_move_the_kernel():
    small, large = (networks._discrete([7], labels, 60)[0] for labels in (1e-3, 1.0))
    names = networks.FOUR[1:]
    assert networks._separation(large, names) < 0.8 < networks._separation(small, names)


def test_the_distance_at_infinite_width_is_a_bessel_sum():
    eta, model = 0.01, networks.network(4, 2, labels=1.0)
    values, vectors = np.linalg.eigh(limits.kernels.relu_limit(model.X).numpy())
    shares = vectors.T @ -model.Y[0].numpy()
    path = np.array(schedule(lambda e: eta * values * e, np.ones(20), 100))
    z = np.sqrt(eta * values) * np.arange(1, 101)[:, None]
    apart = np.linalg.norm(shares * (path[1:] - 2 * special.jv(1, z) / z), axis=1)
    expected = apart.max() / np.linalg.norm(shares)
    assert limits._distance(4, None, eta) == pytest.approx(expected, rel=1e-9)


def test_restarted_counts_are_those_of_a_plain_loop():
    method = {"gradient rule": nesterov(1.0).with_restart(restarts.RULES["gradient rule"])}
    counts = restarts.counted(method, 100, [0, 1], 700)["gradient rule"]
    values = restarts.modes(100).numpy()
    for seed, count in enumerate(counts):
        errors = restarts._errors(seed).numpy()
        before = now = errors / np.sqrt(values)
        k, t = 0, 0
        while True:
            ahead = now + momentum(k) * (now - before)
            if np.linalg.norm(np.sqrt(values) * ahead) < 1e-8 * np.linalg.norm(errors):
                break
            step = momentum(k) * (now - before) - values * ahead
            uphill = (values * ahead) @ step > 0
            before, now = (now + step, now + step) if uphill else (now, now + step)
            k, t = (1 if uphill else k + 1), t + 1
        assert t == count


def test_a_cycle_contracts_as_the_flow_at_its_largest_speed():
    z = np.linspace(2, 2.6, 60_001)
    turn = z[np.argmax(special.jv(2, z) / z)]
    assert 2 * special.jv(1, turn) / turn == pytest.approx(0.4695, abs=2e-4)


def test_the_printed_slopes_by_least_squares():
    epochs, losses = datasets.bu2021_losses()
    for d, slope in ((2, -3.34), (3, -4.13), (6, -6.54), (8, -8.55)):
        x, y = np.log(epochs[14:].numpy()), np.log(losses[f"d = {d}"][14:].numpy())
        assert np.cov(x, y)[0, 1] / np.var(x, ddof=1) == pytest.approx(slope, abs=0.006)
        assert view.notebook.power_law(epochs[14:], losses[f"d = {d}"][14:])[0] == pytest.approx(
            slope, abs=0.006
        )


@pytest.mark.parametrize("pair", [(0.2, 0.8), (0.2, 0.5), (0.7, 0.3)])
def test_the_memory_root_by_numpy(pair):
    largest = max(abs(np.roots([1.0, -pair[0], -pair[1]])))
    method = HigherMomentum(1e-4, *pair)
    assert notebook._remembered(method, 0) == pytest.approx(largest, abs=1e-10)


def test_a_line_and_its_misfit_by_hand():
    x, y = torch.tensor([0.0, 1.0, 2.0, 3.0]), torch.tensor([1.0, 3.0, 5.0, 7.0])
    assert laws.line(x, y) == pytest.approx((2.0, 0.0), abs=1e-6)
    # Around the flat line 1/2 every misfit is 1/2.
    flat = laws.line(x, torch.tensor([0.0, 1.0, 1.0, 0.0]))
    assert flat == pytest.approx((0.0, 0.5), abs=1e-6)


def test_a_power_law_fits_better_than_an_exponential_and_the_reverse():
    x = torch.linspace(1, 50, 40, dtype=torch.float64)
    noise = 1 + 1e-4 * torch.randn(40, generator=torch.Generator().manual_seed(0)).double()
    exponent, share = laws.power_law(x, 3 * x**-1.5 * noise)
    assert exponent == pytest.approx(-1.5, abs=1e-3)
    assert share < 1e-3
    assert laws.power_law(x, torch.exp(-0.1 * x) * noise)[1] > 1e3


def test_a_smooth_window_averages_an_oscillation_out():
    t = torch.arange(200, dtype=torch.float64)
    values = torch.stack([2 + torch.cos(2 * math.pi * t / 10), 5 + 0 * t])
    times, means = laws.averages(t, values, 40)
    assert means.shape == (2, 5)
    assert means[0].numpy() == pytest.approx(2.0, abs=1e-9)
    assert means[1].numpy() == pytest.approx(5.0)
    # Five windows of forty steps, of which each is told at its middle.
    assert np.diff(times.numpy()) == pytest.approx(40.0)
    assert times[-1] == pytest.approx(179.5, abs=0.51)


def test_runs_that_kept_nothing_are_refused():
    with pytest.raises(ValueError, match=r"kept no residuals: train with keep_residuals=True"):
        runs.kept(SimpleNamespace(residuals=None))
    whole = torch.ones(2, 3, 4)
    assert runs.kept(SimpleNamespace(residuals=whole)) is whole
