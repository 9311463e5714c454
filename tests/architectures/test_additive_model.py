"""The additive model: its constants, and the best x."""

from __future__ import annotations

import math

import pytest
import torch

from rootkappa import AdditiveModel
from rootkappa.architectures import Activation
from rootkappa.architectures.additive_model import ACTIVATIONS

VALUES = torch.tensor([5.0, 3.0, 2.0, 1.0], dtype=torch.float64)
EYE = torch.eye(3, dtype=torch.float64)


@pytest.mark.parametrize("activation", ["relu", "leaky relu", "tanh"])
def test_singular_values_are_those_prescribed(activation):
    second = torch.tensor([0.5, 0.2, 0.1], dtype=torch.float64)
    model = AdditiveModel.drawn(VALUES, second, d=3, activation=activation)
    torch.testing.assert_close(torch.linalg.svdvals(model.A1), VALUES)
    torch.testing.assert_close(torch.linalg.svdvals(model.A2), second)
    k = model.constants
    assert (k.mu, k.L1, k.L2, k.G1, k.G2) == pytest.approx((1, 25, 1, 0.5, 2.5))
    assert math.isinf(k.R_x)
    assert math.isinf(k.R_u)


@pytest.mark.parametrize("activation", ["relu", "leaky relu", "tanh"])
def test_quotients_stay_below_the_lipschitz_constants(activation):
    model = AdditiveModel.drawn(VALUES, 0.7, d=6, activation=activation)
    source = torch.Generator().manual_seed(0)
    u, v = (torch.randn(500, 6, 1, generator=source, dtype=torch.float64) for _ in range(2))
    moved = (model.perturbation(u) - model.perturbation(v)).norm(dim=(1, 2))
    assert float((moved / (u - v).norm(dim=(1, 2))).max()) <= model.constants.G1


def test_the_best_x_has_no_loss_and_the_partition_is_complete():
    model = AdditiveModel.drawn(VALUES, 2.0, d=6)
    x, u = model.initialise([0, 1])
    best = model.best_x([x, u])
    assert float(model.residual([best[..., None], u]).abs().max()) < 1e-12
    parts = model.split([x, u])
    assert [tuple(part.shape) for part in parts] == [(2, 4), (2, 6)]


def test_arrays_and_lists_are_matrices():
    model = AdditiveModel(EYE.numpy(), (2 * EYE).tolist(), [1.0, 2.0, 3.0])
    assert (model.constants.G1, model.constants.kappa) == (2, 1)
    drawn = AdditiveModel.drawn([2.0, 1.0], [0.5, 0.25])
    assert torch.linalg.svdvals(drawn.A2).tolist() == pytest.approx([0.5, 0.25])


BAD = [
    (lambda: AdditiveModel(torch.diag(torch.tensor([2.0, 1, 0]).double()), EYE, EYE[0]),
     r"singular value number 3 of 3 is 0.0e\+00, so mu = 0 .* does not apply"),
    (lambda: AdditiveModel(EYE[:2], EYE, EYE[0]), r"A1 must be a square .* shape \(2, 3\)"),
    (lambda: AdditiveModel(EYE, EYE[:2], EYE[0]), r"\(3, 3\), \(2, 3\) and \(3,\): give"),
    (lambda: AdditiveModel(EYE, EYE, EYE[0], "gelu"),
     r"activation 'gelu' has no known Lipschitz constant.*: choose one of relu, leaky relu, tanh"),
    (lambda: Activation(torch.sin, torch.cos, -1.0), r"lipschitz must be .* above 0, got -1"),
    (lambda: AdditiveModel.drawn(VALUES, -1.0), r"second must be finite and at least 0, got -1"),
    (lambda: AdditiveModel.drawn(VALUES, VALUES[:2]), r"second must hold 4 singular values"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "message"), BAD)
def test_bad_problems_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("name", ["relu", "leaky relu", "tanh"])
def test_derivatives_are_those_of_automatic_differentiation(name):
    activation = ACTIVATIONS[name]
    s = torch.linspace(-2, 2, 8, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(activation.function(s).sum(), s)
    torch.testing.assert_close(activation.derivative(s.detach()), slope)


def test_the_lipschitz_constant_of_an_activation_of_ones_own_counts():
    steep = Activation(lambda s: torch.sin(3 * s), lambda s: 3 * torch.cos(3 * s), 3.0)
    model = AdditiveModel.drawn(VALUES, 0.7, d=6, activation=steep)
    assert float(torch.linalg.matrix_norm(model.A2, 2)) == pytest.approx(0.7)
    assert pytest.approx(3 * 0.7) == model.constants.G1


def test_the_draw_has_as_many_columns_as_is_asked_for_and_follows_its_seed():
    square, wide = AdditiveModel.drawn(VALUES, 0.7), AdditiveModel.drawn(VALUES, 0.7, d=9)
    assert (square.A2.shape, wide.A2.shape) == ((4, 4), (4, 9))
    assert square.shapes == [(4, 1), (4, 1)]
    assert wide.shapes == [(4, 1), (9, 1)]
    assert torch.equal(square.A1, AdditiveModel.drawn(VALUES, 0.7).A1)
    assert not torch.equal(square.A1, AdditiveModel.drawn(VALUES, 0.7, seed=1).A1)


@pytest.mark.parametrize("activation", ["relu", "leaky relu", "tanh"])
def test_replicas_have_their_own_best_x(activation):
    model = AdditiveModel.drawn(VALUES, 2.0, d=6, activation=activation)
    weights = model.initialise([0, 1, 2])
    for row, best in enumerate(model.best_x(weights)):
        target = model.Y - model.activation.function(model.A2 @ weights[1][row])
        torch.testing.assert_close(best[:, None], torch.linalg.solve(model.A1, target))


@pytest.mark.parametrize("activation", ["relu", "leaky relu", "tanh"])
def test_the_jacobian_has_the_slopes_beside_the_first_matrix(activation):
    model = AdditiveModel.drawn(VALUES, 2.0, d=6, activation=activation)
    x, u = model.initialise([0, 1])
    J = model.jacobian([x, u])
    assert J.shape == (2, 4, 10)
    for row in range(2):
        slopes = model.activation.derivative(model.A2 @ u[row])
        torch.testing.assert_close(J[row], torch.cat([model.A1, slopes * model.A2], 1))


def test_no_second_matrix_leaves_a_quadratic():
    model = AdditiveModel.drawn(VALUES, 0.0, d=3)
    assert not model.A2.any()
    assert model.constants.G1 == 0
    weights = model.initialise([0])
    torch.testing.assert_close(model.tangent_kernel(weights)[0], model.A1 @ model.A1.T)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([2.0, -1.0], r"first must hold 2 singular values of at least 0.*least entry -1"),
        ([2.0, 0.0], r"A1 is rank deficient: its singular value number 2 of 2"),
        ([[2.0, 1.0]], r"first must be a vector"),
        ([float("nan"), 1.0], "first holds 1 NaN"),
    ],
)
def test_singular_values_that_cannot_be_are_named(values, message):
    with pytest.raises(ValueError, match=message):
        AdditiveModel.drawn(values, 0.5)
