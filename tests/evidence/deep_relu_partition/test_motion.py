"""Distances against a plain loop."""

from __future__ import annotations

import math

import pytest
import torch

from rootkappa.evidence.deep_relu_partition import drawn, lemma14, motion


def test_the_motion_is_that_of_a_plain_loop(plain_loop):
    start = drawn(0, 3, 96)
    method, found = start.nesterov(), motion.moved(start, 1e-2)
    steps = int(start.train(method, 400, 1e-2).stopped_at)
    path, norms = plain_loop(start, method.step_size, method.momentum, steps)
    # A trajectory ends at its evaluation point.
    pairs = zip(path[-1], path[-2], strict=True)
    moves = [w + method.momentum * (w - v) - a for (w, v), a in zip(pairs, path[0], strict=True)]
    features = start.model.features(start.weights)[-1][0]
    basis = torch.linalg.qr(features)[0]
    x = float((moves[-1] @ basis).norm())
    whole = math.sqrt(sum(float(move.square().sum()) for move in moves))
    assert found.x == pytest.approx(x, rel=1e-9)
    assert found.u == pytest.approx(math.sqrt(whole**2 - x**2), rel=1e-9)
    assert found.x_over_R == pytest.approx(x / lemma14(start).R_x, rel=1e-9)
    assert found.residual == pytest.approx(min(norms) / norms[0], rel=1e-9)


def test_the_last_layer_alone_is_a_frozen_network():
    start = drawn(1, 3, 96)
    still = start.model.with_frozen((0, 1))
    run = motion.Start(still, start.weights).train(start.nesterov(), 64, 0.0)
    norms = run.residual_norms[0] / run.residual_norms[0, 0]
    assert motion._last_layer_alone(start, start.nesterov(), 64).numpy() == pytest.approx(
        norms.numpy(), rel=1e-6
    )


def test_a_solved_network_stays_in_its_balls():
    found = motion.moved(motion._solved(drawn(0, 3, 256)), 1e-3)
    assert max(found.x_over_R, found.u_over_R) < 1
    assert motion.moved(drawn(0, 3, 256), 1e-3).u_over_R > 1e3


def test_a_run_that_diverged_has_no_exponent():
    far = motion.Moved(*[math.inf] * 7)
    assert motion._exponent((1, 2, 3), [far] * 3) == math.inf


def _moved(**numbers):
    return motion.Moved(**(dict.fromkeys(motion.Moved._fields, 0.0) | numbers))


def test_lengths_that_fall_like_a_root_have_its_exponent():
    runs = [_moved(u=3 * width**-0.5) for width in (16, 64, 256)]
    assert motion._exponent((16, 64, 256), runs) == pytest.approx(-0.5)
    assert motion._exponent((16, 64, 256), [*runs[:2], _moved(u=math.nan)]) == math.inf


def test_extremes_over_the_networks_of_a_draw():
    runs = [
        [_moved(x_over_R=1.0, u_over_R=8.0, residual=0.1), _moved(x_over_R=2.0, u_over_R=4.0)],
        [_moved(x_over_R=5.0, u_over_R=1.0), _moved(x_over_R=3.0, u_over_R=2.0, residual=0.5)],
    ]
    assert motion._extremes(runs) == {
        "x_least": [1.0, 3.0],
        "x_most": [2.0, 5.0],
        "u_least": [4.0, 1.0],
        "u_most": [8.0, 2.0],
        "residual": [0.1, 0.5],
    }


def test_the_gap_closes_from_the_narrowest_to_the_widest(monkeypatch):
    def moved(start, tolerance=1e-7, c=1.0):
        seed, width, hidden = start
        if hidden is not None:
            return _moved(u=float(hidden))
        return _moved(u=width**-1.0, gap=(2 + seed) / (256 if width == 2048 else 1))

    monkeypatch.setattr(
        motion, "drawn", lambda seed, layers, width, hidden=None: (seed, width, hidden)
    )
    monkeypatch.setattr(motion, "moved", moved)
    found = motion.other_layers([0, 1, 5])
    assert found.measured["exponent"] == pytest.approx([-1.0] * 3)
    assert found.measured["gap_closing"] == pytest.approx(1 / 256)
    assert found.control.measured["exponent"] == pytest.approx([1.0] * 3)
