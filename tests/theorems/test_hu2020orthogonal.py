"""Hu, Xiao and Pennington by hand: the orthogonal rate, and the band in which Gaussian is stuck."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from rootkappa import DeepLinear, datasets, gradient_descent, train
from rootkappa.theorems import NarrowGaussianIsStuck, OrthogonalGradientDescent

EIGHT = datasets.gaussian(d=8, k=8, n=8, kappa=2.0)


def test_numbers_by_hand(by_hand):
    # L ||X||^2 / k = 18, kappa = 9, stable rank 10/9, k = 2, ||W*|| = 2.
    theorem, model = OrthogonalGradientDescent(), by_hand("orthogonal")
    assert theorem.tuning(model).coefficients(0) == pytest.approx((1 / 36, 0, 0), rel=1e-12)
    assert theorem.rate(model) == pytest.approx((1, 1 - 1 / 36), rel=1e-12)
    width = 10 / 9 * 81 * (2 * 5 + math.log(20))
    assert theorem.required_width(model) == pytest.approx(width)
    assert theorem.required_width(by_hand("orthogonal", depth=50)) == pytest.approx(width)


def test_hypotheses_of_the_orthogonal_theorem(by_hand):
    theorem = OrthogonalGradientDescent()
    assert theorem.check(by_hand("orthogonal", width=2000)).holds
    assert theorem.check(by_hand()).unmet[0] == "orthogonal initialisation"


def _network(d=8, k=8, width=8, depth=64):
    data = datasets.gaussian(d=d, k=k, n=d, kappa=2.0)
    return DeepLinear(data.X, data.Y, width, depth)


# Dimensions and depth: with gamma = 1/2 the largest dimension may be sqrt(L).
SIZES = [((8, 8, 8, 64), True), ((8, 8, 8, 63), False), ((2, 2, 9, 64), False),
         ((9, 2, 2, 64), False), ((2, 9, 2, 64), False), ((2, 2, 8, 64), True)]  # fmt: skip


@pytest.mark.parametrize(("sizes", "holds"), SIZES)
def test_every_dimension_must_be_small(sizes, holds):
    assert NarrowGaussianIsStuck(0.5).check(_network(*sizes)).holds is holds


def test_the_band_is_left_upwards_and_downwards():
    # ||Y||^2 = 37, so that the band is [14.8, 22.2]; a loss is half a square.
    model = SimpleNamespace(Y=torch.tensor([[6.0, 0.0], [0.0, 1.0]], dtype=torch.float64))
    model = DeepLinear(torch.eye(2, dtype=torch.float64), model.Y, 2, 4)
    losses = torch.tensor([[18.5, 14.8, 22.2], [18.5, 7.4, 18.5], [18.5, 44.4, 1.0]]).double()
    run = SimpleNamespace(residual_norms=(2 * losses).sqrt(), stopped_at=torch.tensor([2, 2, 1]))
    found = NarrowGaussianIsStuck().worst_ratio(model, run)
    assert found.tolist() == pytest.approx([1, 2, 2], rel=1e-6)
    assert NarrowGaussianIsStuck().bound(model, 2).tolist() == [0.6] * 3
    # It does so with probability at least 0.9, for the dimensions that sqrt(L) allows.
    assert (NarrowGaussianIsStuck().probability, NarrowGaussianIsStuck().gamma) == (0.9, 0.5)


def test_deep_narrow_networks_are_stuck_and_shallow_ones_are_not():
    worst = {}
    for depth in (2, 200):
        model = DeepLinear(EIGHT.X, EIGHT.Y / EIGHT.Y.norm(), 8, depth)
        step = gradient_descent(8 / (2 * depth * float(torch.linalg.matrix_norm(EIGHT.X, 2)) ** 2))
        run = train(model, step, model.initialise(range(2)), 40)
        worst[depth] = NarrowGaussianIsStuck().worst_ratio(model, run)
    assert float(worst[200].max()) <= 1
    assert float(worst[2].min()) > 1


def test_the_report_says_what_there_is_room_for():
    # L^(1 - gamma) = 64^(3/4), and the largest of d = 9, k = 2 and m = 2 is 9.
    theorem = NarrowGaussianIsStuck(0.25)
    fact, room = theorem.check(_network(9, 2, 2)).hypotheses
    assert (fact.name, fact.needed, fact.measured) == ("gaussian initialisation", True, True)
    assert (room.needed, room.up_to_a_constant) == (9, True)
    assert room.measured == pytest.approx(2**4.5)
    data = datasets.gaussian(d=2, k=2, n=2)
    other = DeepLinear(data.X, data.Y, 2, 64, "orthogonal")
    assert theorem.check(other).unmet == ("gaussian initialisation",)


@pytest.mark.parametrize("given", [1, 1.0, np.float32(0.5), torch.tensor(0.5)])
def test_gamma_is_kept_as_a_float(given):
    assert type(NarrowGaussianIsStuck(given).gamma) is float
    assert NarrowGaussianIsStuck(given).gamma == given


def test_a_run_that_diverges_leaves_the_band_at_once(by_hand):
    nan = torch.tensor([[1.0, math.nan], [1.0, math.inf]]).double()
    run = SimpleNamespace(residual_norms=nan, stopped_at=torch.tensor([1, 1]))
    assert NarrowGaussianIsStuck().worst_ratio(by_hand(), run).tolist() == [math.inf] * 2


@pytest.mark.parametrize("gamma", [0, -1, 2, math.nan])
def test_gamma_out_of_range_is_refused(gamma):
    with pytest.raises(ValueError, match=rf"gamma must .* got {gamma}"):
        NarrowGaussianIsStuck(gamma)


@pytest.mark.parametrize(("gamma", "room"), [(0.25, 8.0), (0.5, 4.0), (1.0, 1.0)])
def test_a_larger_exponent_leaves_less_room(gamma, room):
    # L^(1 - gamma) at L = 16.
    line = NarrowGaussianIsStuck(gamma).check(_network(2, 2, 2, 16)).hypotheses[1]
    assert (line.needed, line.measured) == (2, pytest.approx(room))
    assert line.holds is (room >= 2)


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ("tuning", "Theorem 5.1 tunes no method: choose one"),
        ("rate", "has no linear rate: use bound"),
    ],
)
def test_the_band_tunes_no_method_and_has_no_rate(question, message, by_hand):
    with pytest.raises(TypeError, match=message):
        getattr(NarrowGaussianIsStuck(), question)(by_hand())
    with pytest.raises(TypeError, match="takes a DeepLinear here, got float: give one"):
        NarrowGaussianIsStuck().check(3.0)


@pytest.mark.parametrize("gamma", ["0.5", None, True])
def test_gamma_is_a_number(gamma):
    with pytest.raises(TypeError, match=rf"gamma must be a number, got {gamma!r}"):
        NarrowGaussianIsStuck(gamma)


def test_each_replica_is_read_to_its_own_end(by_hand):
    # ||Y||^2 = 37: in the band at 0.5, out of it by 2 at 0.2 and at 1.2.
    shares = torch.tensor([[0.5, 0.5, 0.2], [0.5, 0.2, 0.5], [0.5, 0.5, 1.2]], dtype=torch.float64)
    for ends, expected in (([2, 2, 2], [2, 2, 2]), ([1, 0, 1], [1, 1, 1]), ([1, 1, 2], [1, 2, 2])):
        norms = (2 * 37 * shares).sqrt()
        run = SimpleNamespace(residual_norms=norms, stopped_at=torch.tensor(ends))
        found = NarrowGaussianIsStuck().worst_ratio(by_hand(), run).tolist()
        assert [value > 1 for value in found] == [value > 1 for value in expected]
        assert [max(value, 1) for value in found] == pytest.approx(expected)
