"""The recursion with its closed-form remainder is an identity; no part of it can be dropped."""

from __future__ import annotations

import pytest

from rootkappa import DeepLinear, LinearResNet, datasets, gradient_descent, heavy_ball, nesterov
from rootkappa.dynamics.remainder import residual_path

DATA = datasets.gaussian(d=6, k=3, n=20, kappa=9)
METHODS = [gradient_descent(0.3), heavy_ball(0.2, 0.8), nesterov(0.2, 0.8)]


def _gap(path, method):
    ahead = path.residuals[1:]
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


def test_a_schedule_is_refused():
    model = DeepLinear(DATA.X, DATA.Y, width=8, depth=2)
    with pytest.raises(ValueError, match=r"constant momentum, Nesterov changes .* give a number"):
        residual_path(model, nesterov(0.1), model.initialise([0]), 5)


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_the_recursion_holds_for_linear_residual_networks(method):
    model = LinearResNet.gaussian(DATA.X, DATA.Y, 24, 4, [0, 1])
    path = residual_path(model, method, model.initialise([0, 1]), 10)
    assert _gap(path, method) < 1e-13
    assert float(path.remainders.norm() / path.residuals.norm()) > 1e-3
