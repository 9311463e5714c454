"""The reduced network against a plain loop over all weights, and certificates that do not hold."""

from __future__ import annotations

import numpy as np
import pytest

from rootkappa import gradient_descent, heavy_ball, nesterov
from rootkappa.optimizers import GradientRestart, Method, NesterovSchedule
from rootkappa.reductions.frozen_live import network as file
from rootkappa.reductions.frozen_live.bounds import Bounds
from tests.reductions.frozen_live import by_hand
from tests.reductions.frozen_live.by_hand import network, reduced, trained, walked

STEPS = 60
METHODS = [
    gradient_descent(0.7),
    heavy_ball(0.7, 0.9),
    nesterov(0.7),
    Method(0.3, 0.8, 1.1),
    heavy_ball(0.3, NesterovSchedule()),
]
# Neurons, samples, outputs, how loud labels are, whether outer weights are signs, and the leak.
NETWORKS = [
    (40, 6, 1, 1.0, True, 0.0),
    (300, 17, 1, 0.3, False, 0.0),
    (120, 9, 3, 2.0, False, 0.0),
    (40, 6, 1, 1.0, True, 0.2),
    (300, 17, 1, 1.0, False, 0.01),
    (120, 5, 2, 2.0, False, 0.5),
]
LEAKS = pytest.mark.parametrize("leak", [0.0, 0.2])


@pytest.mark.parametrize("method", METHODS, ids=lambda m: m.name)
@pytest.mark.parametrize("shape", NETWORKS, ids=str)
def test_residuals_weights_and_flips_are_those_of_the_plain_loop(shape, method):
    m, n, k, loud, signs, leak = shape
    net = network(m, n, k, loud=loud, signs=signs, leak=leak)
    xis, W, ever = trained(net, method.coefficients, STEPS)
    ours = reduced(net, method, STEPS)
    seen, size = walked(ours, STEPS), np.abs(xis[0]).max()
    assert np.abs(seen - xis).max() < 1e-12 * size
    state = ours.state()
    assert set(state.flips.key) == set(np.flatnonzero(ever))
    assert ever.sum() > 5
    lifted = np.concatenate([block.W for block in state.blocks()])
    np.testing.assert_allclose(lifted, W, atol=1e-11)
    np.testing.assert_allclose(state.kernel, net.kernel(W), atol=1e-12)
    slope = net.scale * (net.slopes(W) * (net.a @ xis[-1].T)) @ net.X.T
    assert ours.slope_norm() == pytest.approx(np.linalg.norm(slope), rel=1e-9)


@LEAKS
def test_minibatches_are_shares_of_the_samples(leak):
    net = network(200, 12, leak=leak)
    shares = np.random.default_rng(4).integers(0, 3, (STEPS, 12)).astype(float)
    method = nesterov(0.2, 0.8)
    xis = trained(net, method.coefficients, STEPS, shares)[0]
    ours = reduced(net, method, STEPS, shares)
    assert np.abs(walked(ours, STEPS) - xis).max() < 1e-12 * np.abs(xis[0]).max()


@LEAKS
@pytest.mark.parametrize("method", [nesterov(0.5, 0.98), nesterov(0.7)], ids=["fixed", "schedule"])
def test_a_restart_stops_the_weights_as_in_the_plain_loop(method, leak):
    net, method = network(120, 9, k=2, leak=leak), method.with_restart(GradientRestart())
    ours = reduced(net, method, STEPS)
    y, v, clock, stops = net.W.copy(), 0 * net.W, 0, []
    for t, seen in enumerate(walked(ours, STEPS)):
        xi = net.outputs(y) - net.y
        np.testing.assert_allclose(seen, xi, rtol=0, atol=1e-12 * np.abs(net.y).max())
        slope = net.scale * (net.slopes(y) * (net.a @ xi.T)) @ net.X.T
        eta, beta, gamma = method.coefficients(clock)
        w, v, clock = y - gamma * v, beta * v - eta * slope, clock + 1
        w = w + v
        if (slope * v).sum() > 0:
            v, clock = 0 * v, 1
            stops.append(t)
        y = w + method.coefficients(clock)[2] * v
    assert stops


class Careless(Bounds):
    """Certificates of a part of the size that is proven."""

    def reach(self, x):
        return 0.02 * super().reach(x)

    def hull_reach(self, hull):
        return 0.02 * super().hull_reach(hull)


@LEAKS
def test_certificates_that_are_too_small_let_flips_pass(leak):
    net, method = network(300, 17, leak=leak), gradient_descent(0.7)
    xis = trained(net, method.coefficients, STEPS)[0]
    for bounds, exact in ((Bounds(net.X, leak), True), (Careless(net.X, leak), False)):
        ours = reduced(net, method, STEPS, bounds=bounds)
        seen = walked(ours, STEPS)
        assert (np.abs(seen - xis).max() < 1e-12) == exact
        # The lifted weights tell: their outputs are other ones.
        W = np.concatenate([block.W for block in ours.state().blocks()])
        assert (np.abs(net.outputs(W) - net.y - seen[-1]).max() < 1e-12) == exact


@LEAKS
@pytest.mark.parametrize(("soonest", "latest", "farther"), [(1, 1, 1.01), (200, 500, 4.0)])
def test_lists_of_any_length_give_the_same(soonest, latest, farther, leak, monkeypatch):
    monkeypatch.setattr(file, "_SOONEST", soonest)
    monkeypatch.setattr(file, "_LATEST", latest)
    monkeypatch.setattr(file, "_FARTHER", farther)
    net, method = network(150, 10, loud=2.0, leak=leak), nesterov(0.7, 0.8)
    xis = trained(net, method.coefficients, STEPS)[0]
    assert (
        np.abs(walked(reduced(net, method, STEPS), STEPS) - xis).max() < 1e-12 * np.abs(xis).max()
    )


@LEAKS
@pytest.mark.parametrize("method", [heavy_ball(0.7, 0.9), nesterov(0.7, 0.9)], ids=str)
def test_lists_no_longer_than_the_certificates_ask_for_are_exact(method, leak, monkeypatch):
    # No forecast and no slack: what live pairs do beyond the hull is felt (4e-3, were it left out).
    monkeypatch.setattr(file, "_FARTHER", 1.0)
    for place in (file, by_hand):
        monkeypatch.setattr(place, "within_reach", lambda path, *_: np.zeros((2, *path.shape[1:])))
    net = network(400, 6, leak=leak)
    xis, ours = trained(net, method.coefficients, STEPS)[0], reduced(net, method, STEPS)
    assert np.abs(walked(ours, STEPS) - xis).max() < 1e-12
    assert ours.counts.passes > 3


@LEAKS
def test_a_pair_that_flips_just_as_lists_are_renewed_is_seen(leak, monkeypatch):
    # With no skin at all every step renews the lists, and only pairs that are off are hot.
    monkeypatch.setattr(file.FrozenLive, "_ahead", lambda self, t: (0 * self._within, 0.0))
    net, method = network(150, 10, leak=leak), nesterov(0.7, 0.8)
    xis, ours = trained(net, method.coefficients, STEPS)[0], reduced(net, method, STEPS)
    assert np.abs(walked(ours, STEPS) - xis).max() < 1e-12
    assert ours.counts.refreshes == STEPS + 1


@LEAKS
def test_the_hull_is_that_of_all_steps(leak):
    net = network(150, 10, leak=leak)
    ours = reduced(net, heavy_ball(0.7, 0.9), STEPS)
    seen = [ours.q]
    for t in range(1, STEPS + 1):
        ours.advance(t)
        seen.append(ours.q)
    low, high = np.min(seen, 0), np.max(seen, 0)
    assert (ours._hull.low == low).all()
    assert (ours._hull.high == high).all()
    assert (low < np.minimum(ours.q, 0)).any()
    assert (high > np.maximum(ours.q, 0)).any()
    totals = [leak * net.X.T @ net.X @ q for q in seen]
    np.testing.assert_allclose(leak * ours._hull.least, np.min(totals, 0), atol=1e-14)
    np.testing.assert_allclose(leak * ours._hull.most, np.max(totals, 0), atol=1e-14)


def test_a_run_that_diverges_ends_in_no_numbers():
    ours = reduced(network(50, 5), heavy_ball(1e3, 0.9), 400)
    assert np.isnan(walked(ours, 400)[-1]).all()
    assert np.isnan(ours.slope_norm())


def test_a_state_stays_what_it_was():
    net, method = network(300, 17), nesterov(0.7, 0.8)
    ours = reduced(net, method, STEPS)
    walked(ours, 30)
    state, here = ours.state(), trained(net, method.coefficients, 30)[1]
    for t in range(31, STEPS + 1):
        ours.advance(t)
    lifted = np.concatenate([block.W for block in state.blocks()])
    np.testing.assert_allclose(lifted, here, atol=1e-11)
