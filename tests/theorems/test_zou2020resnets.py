"""Theorems on linear residual networks: numbers by hand, bounds on runs, hypotheses that fail."""

from __future__ import annotations

import math

import pytest
import torch

from rootkappa import Batches, LinearResNet, datasets, theorems, train

KAPPA = 9.0
DATA = datasets.reduce_to_rank(datasets.gaussian(d=5, k=3, n=20, kappa=KAPPA))
DEPTH, SCALE = 4, 3.0


def _network(width=8, scale=SCALE, data=DATA):
    return LinearResNet.modified_identity(data.X, data.Y, width, DEPTH, scale, scale)


def _pair(seeds=(0,), width=8):
    return LinearResNet.gaussian(DATA.X, DATA.Y, width, DEPTH, seeds, SCALE, SCALE)


def test_theorem_31_has_the_numbers_of_its_formulas():
    # sigma_max(X) = 1 and sigma_min(X)^2 = 1/9; B A = 0, so the loss at the start is ||Y||^2 / 2.
    theorem, model = theorems.ResNetGradientDescent(), _network()
    loss = float(DATA.Y.square().sum()) / 2
    inner = SCALE**2
    eta = 0.1 / (DEPTH * inner * (math.sqrt(loss) + inner))
    assert theorem.tuning(model).step_size == pytest.approx(eta, rel=1e-12)
    factor = 1 - eta * DEPTH * inner**2 / KAPPA / math.e
    assert theorem.rate(model) == pytest.approx((1, factor), rel=1e-12)
    assert theorem.margin(model) == pytest.approx(inner / KAPPA / math.sqrt(loss), rel=1e-10)


def test_the_residual_theorem_has_the_numbers_of_its_formulas():
    theorem, model = theorems.ResNetNesterov(), _network()
    beta = (9 - 2) / (9 + 2)
    expected = (1 / (2 * DEPTH * SCALE**4), beta, beta)
    assert theorem.tuning(model).coefficients(0) == pytest.approx(expected, rel=1e-12)
    assert theorem.rate(model) == pytest.approx((72, 1 - 1 / 6), rel=1e-12)
    assert theorem.check(model).unmet == ("gaussian maps", "width of the theorem")
    values = torch.linalg.eigvalsh(_pair().tangent_kernel(_pair().initialise([0])))[0]
    spectrum = theorem.spectrum(_pair())
    extremes = (spectrum.lambda_min, spectrum.lambda_max)
    assert extremes == pytest.approx((float(values[0]), float(values[-1])), rel=1e-10)


@pytest.mark.parametrize(
    "theorem",
    [
        theorems.ResNetGradientDescent(),
        theorems.ModifiedIdentityGradientDescent(),
        theorems.GaussianResNetGradientDescent(),
        theorems.ResNetNesterov(),
    ],
    ids=lambda theorem: theorem.title,
)
def test_the_bound_holds_on_a_run_and_fails_for_a_step_too_large(theorem):
    model = _pair(range(3), 40) if "Gaussian" in theorem.title else _network()
    weights = model.initialise(range(3))
    method = theorem.tuning(model)
    assert float(theorem.worst_ratio(model, train(model, method, weights, 300)).max()) <= 1
    broken = type(method)(200 * method.step_size, method.momentum, method.extrapolation)
    assert float(theorem.worst_ratio(model, train(model, broken, weights, 300)).min()) > 1


def test_the_bound_for_sgd_holds_on_runs():
    theorem = theorems.ResNetStochasticGradientDescent(step_constant=1.0, batch_size=5)
    model = _network()
    run = train(
        model,
        theorem.tuning(model),
        model.initialise(range(4)),
        1000,
        batches=Batches(5, range(4)),
    )
    assert float(theorem.worst_ratio(model, run).max()) <= 1


def test_reports_name_what_fails():
    theorem = theorems.ModifiedIdentityGradientDescent()
    assert theorem.check(_network(scale=20.0)).holds
    assert theorem.check(_network(scale=0.1)).unmet == ("scale s_A s_B of the corollary",)
    assert "modified identity maps" in theorem.check(_pair()).unmet
    assert theorems.GaussianResNetGradientDescent().check(_pair(width=5000)).holds
    identity = LinearResNet.identity(DATA.X, DATA.Y, 8, DEPTH)
    assert theorems.ResNetGradientDescent().check(identity).unmet == (
        "condition Z >= C of the theorem",
    )
    moved = LinearResNet(DATA.X, DATA.Y, identity.A, identity.B, DEPTH, hidden_scale=0.1)
    assert "hidden weights start at zero" in theorems.ResNetNesterov().check(moved).unmet


def test_noise_that_cannot_be_interpolated_is_a_report_and_not_an_error():
    theorem = theorems.ResNetStochasticGradientDescent()
    reason = "a linear map fits all labels (no noise)"
    for noise in (0.0, 0.1):
        data = datasets.gaussian(d=5, k=3, n=20, kappa=KAPPA, noise=noise)
        report = theorem.check(_network(data=data))
        assert (reason in report.unmet) == (noise > 0)
    assert f"fails: {reason}: needs 1, has 0" in str(report)
