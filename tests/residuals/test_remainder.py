"""The recursion with its closed-form remainder is an identity; no part of it can be dropped."""

from __future__ import annotations

import pytest
import torch

from rootkappa import (
    DeepLinear,
    LinearResNet,
    TwoLayerReLU,
    datasets,
    gradient_descent,
    heavy_ball,
    nesterov,
    train,
)
from rootkappa.architectures import vectorise
from rootkappa.residuals import residual_path

DATA = datasets.gaussian(d=6, k=3, n=20, kappa=9)
METHODS = [gradient_descent(0.3), heavy_ball(0.2, 0.8), nesterov(0.2, 0.8)]


def _gap(path, method):
    ahead = path.residuals[:, 1:]
    return float((path.predicted(method) - ahead).norm() / ahead.norm())


@pytest.mark.parametrize("depth", [1, 2, 4])
@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_the_recursion_with_remainder_is_an_identity(method, depth):
    model = DeepLinear(DATA.X, DATA.Y, width=24, depth=depth)
    path = residual_path(model, method, model.initialise([0, 1]), 10)
    assert _gap(path, method) < 1e-13
    if depth > 1:
        # The identity would be empty if the remainder were nothing.
        assert float(path.remainders.norm() / path.residuals.norm()) > 1e-3
    others = [other for other in METHODS if other is not method]
    assert min(_gap(path, other) for other in others) > 1e-2


SMALL = DeepLinear(DATA.X, DATA.Y, width=8, depth=2)
START = SMALL.initialise([0])
RELU = TwoLayerReLU(DATA.X, DATA.Y[:1], 8)


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (
            lambda: residual_path(SMALL, nesterov(0.1), START, 5),
            ValueError,
            "the recursion needs constant numbers, and Nesterov has a schedule",
        ),
        (
            lambda: residual_path(SMALL, METHODS[0], START, 5).predicted(nesterov(0.1)),
            ValueError,
            "the recursion needs constant numbers",
        ),
        (
            lambda: residual_path(RELU, METHODS[0], RELU.initialise([0]), 5),
            TypeError,
            "networks without activations, got a TwoLayerReLU",
        ),
        (lambda: residual_path(SMALL, METHODS[0], START[:1], 5), ValueError, "weights have shapes"),
        (lambda: residual_path(SMALL, METHODS[0], START, 1.5), TypeError, "whole number, got 1.5"),
    ],
)
def test_bad_arguments_are_named(call, kind, message):
    with pytest.raises(kind, match=message):
        call()


def test_the_residuals_are_those_of_training_replicas_first():
    model = DeepLinear(DATA.X, DATA.Y, width=8, depth=3)
    weights = model.initialise([0, 1, 2])
    path = residual_path(model, METHODS[2], weights, 12)
    run = train(model, METHODS[2], weights, 12, keep_residuals=True)
    torch.testing.assert_close(path.residuals, run.residuals, rtol=1e-11, atol=1e-13)
    assert path.remainders.shape == (3, 12, 60)


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_the_recursion_holds_for_linear_residual_networks(method):
    model = LinearResNet.gaussian(DATA.X, DATA.Y, 24, 4, [0, 1])
    path = residual_path(model, method, model.initialise([0, 1]), 10)
    assert _gap(path, method) < 1e-13
    assert float(path.remainders.norm() / path.residuals.norm()) > 1e-3


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_the_remainder_of_the_first_step_by_hand(method):
    # From rest the first step is w_1 = w_0 - eta (1 + gamma) g: what it does beyond first order.
    model = DeepLinear(DATA.X, DATA.Y, width=6, depth=2)
    start = model.initialise([0, 1])
    eta, _, gamma = method.coefficients(0)
    path = residual_path(model, method, start, 1)
    g = model.gradient(start)
    moved = [w - eta * (1 + gamma) * part for w, part in zip(start, g, strict=True)]
    ahead = vectorise(model.residual(moved))
    torch.testing.assert_close(path.residuals[:, 1], ahead, rtol=1e-12, atol=1e-12)
    here = vectorise(model.residual(start))
    slope = (model.tangent_kernel(start) @ here[..., None])[..., 0]
    first = here - eta * (1 + gamma) * slope
    torch.testing.assert_close(path.predicted(method)[:, 0], ahead, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(path.remainders[:, 0], ahead - first, rtol=1e-9, atol=1e-12)


def test_replicas_of_a_path_do_not_see_each_other():
    method = METHODS[1]
    together = residual_path(SMALL, method, SMALL.initialise([0, 1, 2]), 6)
    alone = residual_path(SMALL, method, SMALL.initialise([2]), 6)
    torch.testing.assert_close(together.residuals[2:], alone.residuals)
    torch.testing.assert_close(together.remainders[2:], alone.remainders)
