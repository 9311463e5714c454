"""What observers ask, from live pairs, against all weights."""

from __future__ import annotations

import numpy as np
import pytest

from rootkappa import nesterov
from tests.reductions.frozen_live.by_hand import network, reduced, trained, walked

METHOD, STEPS = nesterov(0.7, 0.8), 40


@pytest.mark.parametrize("leak", [0.0, 0.3])
@pytest.mark.parametrize("k", [1, 2])
def test_distances_and_shares_are_those_of_the_weights(k, leak):
    net = network(200, 12, k, signs=False, leak=leak)
    ours = reduced(net, METHOD, STEPS)
    walked(ours, STEPS)
    _, W, _ = trained(net, METHOD.coefficients, STEPS)
    state, moved, first = ours.state(), W - net.W, net.hidden() >= 0
    assert state.distance() == pytest.approx(np.linalg.norm(moved), rel=1e-10)
    goal = np.random.default_rng(0).standard_normal((12, k))
    there = net.scale * (net.slopes() * (net.a @ goal.T)) @ net.X.T
    assert state.distance(goal) == pytest.approx(np.linalg.norm(moved - there), rel=1e-10)
    farthest = np.linalg.norm(moved, axis=1).max()
    assert state.largest_displacement() == pytest.approx(farthest, rel=1e-10)
    assert state.flipped_share() == pytest.approx(((net.hidden(W) >= 0) != first).mean())
    np.testing.assert_allclose(state.first, net.kernel(), atol=1e-13)
    starts, moves = zip(*state.moves(), strict=True)
    assert (np.concatenate([block.W for block in starts]) == net.W).all()
    np.testing.assert_allclose(np.concatenate(moves), moved, atol=1e-11)


def test_nothing_has_moved_at_the_start():
    state = reduced(network(50, 6), METHOD, STEPS).state()
    assert (state.distance(), state.flipped_share(), state.largest_displacement()) == (0, 0, 0)
