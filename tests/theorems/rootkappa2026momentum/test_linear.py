"""The turning of Jacobians by hand and against random and searched pairs; the two corollaries."""

from __future__ import annotations

import math

import pytest
import torch

from rootkappa import DeepLinear, LinearResNet, train
from rootkappa.optimizers import (
    classical_gradient_descent,
    gradient_descent,
    lazy_nesterov,
    modular_heavy_ball,
)
from rootkappa.reductions import sample_orthogonal
from rootkappa.theorems import DeepLinearMomentum, ResNetMomentum
from rootkappa.theorems.rootkappa2026momentum.linear import Chain, Turning

ONE = torch.ones(1, 1, dtype=torch.float64)


def _of(theorem, problem):
    return Turning.of(theorem.chain(problem))


def _points(start, radius, seed):
    # Two points of the ball: one anywhere on its sphere, one near the first.
    source = torch.Generator().manual_seed(seed)
    away, step = ([torch.randn(w.shape, generator=source).double() for w in start] for _ in "ab")
    size = [math.sqrt(sum(float(d.square().sum()) for d in by)) for by in (away, step)]
    here = [w + radius / size[0] * d for w, d in zip(start, away, strict=True)]
    near = [h - 0.05 * radius / size[1] * d for h, d in zip(here, step, strict=True)]
    return here, near


def test_the_constant_is_attained_where_all_products_are_one():
    # f = abc at a = b = c = 1: the Hessian has zeros on the diagonal and ones off it, norm 2.
    model = DeepLinear(ONE, ONE, 1, 3)
    turning = _of(DeepLinearMomentum(), (model, [ONE[None]] * 3))
    assert turning == Turning(3, 1.0, 1.0, 1.0, 1.0)
    assert turning.constant(0.0) == 2.0
    assert turning.constant(0.5) == pytest.approx(2 * math.exp(0.5))
    assert Turning(1, 1.0, 1.0, 1.0, 1.0).constant(3.0) == 0.0


def test_products_by_hand():
    # left F_3 F_2 F_1 right with B = 2, F = (1 + 3, 1 + 1, 1 + 2), A X = 5: products from the left
    # 2, 6, 12; from the right 5, 20, 40; in the middle 1 and 2.
    model = LinearResNet(ONE, ONE, 5 * ONE, 2 * ONE, 3)
    turning = _of(ResNetMomentum(), (model, [3 * ONE[None], ONE[None], 2 * ONE[None]]))
    assert turning == Turning(3, 1.0, 12.0, 40.0, 2.0)
    # m^(-1/2) W_3 ... W_1 X over sqrt k, with m = 4, k = 2 and weights that are twice the identity.
    eye = torch.eye(2, dtype=torch.float64)
    deep = DeepLinear(3 * eye, eye, 2, 3, scale_width=4)
    turning = _of(DeepLinearMomentum(), (deep, [2 * eye[None]] * 3))
    assert turning.left == pytest.approx(2**-0.5)
    assert (turning.scale, turning.right, turning.middle) == (2.0, 3.0, 1.0)


@pytest.mark.parametrize("depth", [2, 3, 4])
@pytest.mark.parametrize("fill", ["gaussian", "orthogonal"])
def test_jacobians_turn_no_faster(depth, fill, jacobian):
    source = torch.Generator().manual_seed(depth)
    X, Y = (torch.randn(rows, 3, generator=source).double() for rows in (3, 2))
    model, theorem = DeepLinear(X, Y, 4, depth, fill), DeepLinearMomentum()
    start = model.initialise([5])
    turning = _of(theorem, (model, start))
    for seed, radius in enumerate([0.02, 0.2, 1.0] * 4):
        here, near = _points(start, radius, seed)
        turned = torch.linalg.matrix_norm(jacobian(model, here) - jacobian(model, near), 2)
        apart = theorem.length([a - b for a, b in zip(here, near, strict=True)])
        assert 0 < float(turned) <= turning.constant(1.05 * radius) * float(apart)


def test_a_search_finds_no_faster_turn_and_comes_close(resnet, jacobian):
    # The second derivative along u and v, maximised by alternating power steps in the ball.
    model, start = resnet(1.0)
    turning = _of(ResNetMomentum(), (model, start))
    here, _ = _points(start, 1e-4, 0)
    step = 1e-3
    for _ in range(12):
        other = [w - step * d for w, d in zip(start, here, strict=True)]
        _, values, V = torch.linalg.svd(jacobian(model, start) - jacobian(model, other))
        here = list(V[0].reshape(5, 1, 5, 5))
    found = float(values[0]) / step
    assert 0.8 <= found / turning.constant(0.0) <= turning.constant(step) / turning.constant(0.0)


TUNINGS = [classical_gradient_descent, modular_heavy_ball, lazy_nesterov]


@pytest.mark.parametrize("tuning", TUNINGS)
def test_the_bound_holds_on_runs_and_every_inequality_has_slack(tuning, orthogonal, resnet):
    for theorem, problem in (
        (DeepLinearMomentum(tuning), orthogonal()),
        (ResNetMomentum(tuning), resnet()),
    ):
        assert theorem.check(problem).holds
        assert theorem.along(problem, 60).holds
        model, start = problem
        run = train(model, theorem.tuning(problem), start, 60)
        assert float(theorem.worst_ratio(problem, run)[0]) < 1
        slow = gradient_descent(theorem.tuning(problem).step_size / 20)
        wrong = train(model, slow, start, 60)
        assert float(theorem.worst_ratio(problem, wrong)[0]) > 1


@pytest.mark.parametrize("depth", [2, 9, 60])
def test_the_corollary_of_heavy_ball_is_enough_at_every_depth(depth, orthogonal, resnet):
    model, _ = resnet()
    theorem = ResNetMomentum()
    scale = math.sqrt(theorem.required_scale(model))
    wide = LinearResNet.modified_identity(model.X, model.Y, 5, depth, scale, scale)
    spent = theorem.budget((wide, wide.initialise([0]))).spent
    assert 0.15 < spent <= 1
    X, Y = model.X, model.Y
    size = float(Y.norm() + X.norm() * 10**0.5)
    width = 427**2 * 2.0**4 * 2 * size**2 / float(torch.linalg.matrix_norm(X, 2)) ** 2
    assert DeepLinearMomentum().required_width(DeepLinear(X, Y, 5, depth)) == pytest.approx(width)


@pytest.mark.parametrize("kappa", [1.02, 4.0, 30.0, 100.0])
@pytest.mark.parametrize(
    ("tuning", "a"), [(classical_gradient_descent, 50), (modular_heavy_ball, 427)]
)
def test_the_closed_constants_are_enough_at_every_condition_number(tuning, a, kappa):
    X, Y = torch.diag(torch.tensor([1.0, kappa**-0.5]).double()), torch.ones(1, 2).double()
    scale = math.sqrt(a * kappa**2 * math.sqrt(2))
    model = LinearResNet.modified_identity(X, Y, 3, 4, scale, scale)
    spent = ResNetMomentum(tuning).budget((model, model.initialise([0]))).spent
    assert 0.25 < spent <= 1


def test_the_mean_square_of_the_outputs_behind_the_probability():
    # E ||f_0||_F^2 = ||X||_F^2, to four standard errors.
    X, source = torch.diag(torch.tensor([1.0, 0.5]).double()), range(400)
    drawn = sample_orthogonal(X, torch.zeros(2, 2).double(), 50, 3, source)
    squares = drawn.model.residual(drawn.weights).square().sum((1, 2))
    assert abs(float(squares.mean()) - 1.25) < 4 * float(squares.std()) / 20


def test_delta_must_be_a_probability(orthogonal):
    with pytest.raises(ValueError, match="delta"):
        DeepLinearMomentum().required_width(orthogonal()[0], 0.0)


def test_a_narrow_network_breaks_the_condition(orthogonal):
    report = DeepLinearMomentum().check(orthogonal(width=64))
    assert report.unmet == ("2 theta G at most 1",)


@pytest.mark.parametrize("delta", [1.5, -0.1, 0.0, 1.0, math.nan])
def test_a_chance_lies_strictly_between_0_and_1(delta, orthogonal):
    with pytest.raises(
        ValueError, match=rf"delta must lie strictly between 0 and 1, got {delta:g}"
    ):
        DeepLinearMomentum().required_width(orthogonal()[0], delta)


@pytest.mark.parametrize("delta", [0.5, 0.1, 1e-4])
def test_the_width_of_the_corollary_by_hand(delta):
    # sigma(X) = 2 and 1, so that kappa = 4; ||X||_F^2 = 5, Y = (3, 4), k = 1.
    X = torch.diag(torch.tensor([2.0, 1.0], dtype=torch.float64))
    model = DeepLinear(X, torch.tensor([[3.0, 4.0]], dtype=torch.float64), 8, 3)
    width = 427**2 * 4**4 * (5 + math.sqrt(5 / delta)) ** 2 / 4
    assert DeepLinearMomentum().required_width(model, delta) == pytest.approx(width)
    twice = DeepLinear(X, torch.tensor([[3.0, 0.0], [0.0, 4.0]], dtype=torch.float64), 8, 3)
    assert DeepLinearMomentum().required_width(twice, delta) == pytest.approx(2 * width)


def test_the_scale_of_the_corollary_by_hand():
    X = torch.diag(torch.tensor([2.0, 1.0], dtype=torch.float64))
    Y = torch.tensor([[3.0, 4.0]], dtype=torch.float64)
    model = LinearResNet.modified_identity(X, Y, 4, 3, 1.0, 1.0)
    assert ResNetMomentum().required_scale(model) == pytest.approx(427 * 16 * 5 / 2)


@pytest.mark.parametrize(
    ("depth", "scale", "expected"),
    [(1, 2.0, 0.0), (2, 2.0, 3 * 5 * 7 / 2), (3, 2.0, 3 * 5 * 7 * 2 / 2 * math.exp(7 * 0.5 / 2)),
     (6, 0.5, 3 * 5 * 7 * 5 / 0.5 * math.exp(7 * 2 * 0.5 / 0.5))],
)  # fmt: skip
def test_the_constant_by_hand(depth, scale, expected):
    # K = c_l c_r c_m (L - 1)/s exp(c_m sqrt(L - 2) R/s) at R = 1/2.
    assert Turning(depth, scale, 3.0, 5.0, 7.0).constant(0.5) == pytest.approx(expected)


def test_a_constant_that_overflows_is_infinite():
    assert Turning(3, 1.0, 1.0, 1.0, 1e3).constant(10.0) == math.inf


def test_the_length_is_the_frobenius_norm_of_all_layers_of_each_replica():
    layers = [torch.full((2, 1, 2), 2.0), torch.tensor([1.0, 4.0]).reshape(2, 1, 1)]
    found = DeepLinearMomentum().length([layer.double() for layer in layers])
    assert found.tolist() == pytest.approx([3.0, math.sqrt(24)])


@pytest.mark.parametrize(
    ("factors", "left", "right", "middle"),
    [
        # Products from the left, from the right, and of neighbours in the middle; 1 among them.
        ([2.0, 3.0], 3.0, 2.0, 1.0),
        ([2.0, 3.0, 0.5], 1.5, 6.0, 3.0),
        ([2.0, 0.5, 3.0], 3.0, 2.0, 1.0),
        ([1.0, 2.0, 3.0, 4.0, 1.0], 24.0, 24.0, 24.0),
        ([1.0, 3.0, 5.0, 0.1, 1.0], 1.5, 15.0, 15.0),
        ([1.0, 0.1, 5.0, 3.0, 1.0], 15.0, 1.5, 15.0),
        ([1.0, 3.0, 0.1, 7.0, 1.0], 7.0, 3.0, 7.0),
    ],
)
def test_products_of_neighbours_by_hand(factors, left, right, middle):
    chain = Chain(2.0, ONE, [factor * ONE for factor in factors], ONE)
    found = Turning.of(chain)
    assert (found.depth, found.scale) == (len(factors), 2.0)
    assert (found.left, found.right, found.middle) == pytest.approx((left, right, middle))
