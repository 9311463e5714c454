"""Each ending gets its own advice, whatever the scale of the problem and its step."""

from __future__ import annotations

import pytest
import torch

from rootkappa import DeepLinear, Quadratic, Status, datasets, gradient_descent, nesterov, train
from rootkappa.training.status import sharpness, unfinished

F64 = torch.float64
FITTED = datasets.gaussian(d=4, k=2, n=7, kappa=9)
NOISY = datasets.gaussian(d=3, k=2, n=9, kappa=4, noise=0.5)


def _network(data, scale):
    return DeepLinear(scale * data.X, scale * data.Y, width=16, depth=2)


def _ended(model, method, steps, weights=None, **options):
    run = train(model, method, weights or model.initialise([0]), steps, **options)
    return run.status[0].name


ENDINGS = {
    # what: data, the step without scale, steps, options
    "FLOOR": (FITTED, 0.3, 900, {}),
    "PLATEAU": (NOISY, 0.2, 600, {}),
    "RUNNING": (FITTED, 0.3, 40, {}),
    "CONVERGED": (FITTED, 0.3, 900, {"tolerance": 1e-5}),
    "DIVERGED": (FITTED, 40.0, 600, {}),
}


@pytest.mark.parametrize("scale", [1.0, 1e-6, 1e6])
@pytest.mark.parametrize("name", ENDINGS)
def test_every_ending_is_told_at_every_scale(name, scale):
    data, step, steps, options = ENDINGS[name]
    method = nesterov(step / scale**2, 0.5)
    assert _ended(_network(data, scale), method, steps, **options) == name


@pytest.mark.parametrize("scale", [1.0, 1e-6, 1e6])
def test_a_plateau_is_the_least_loss_of_the_data(scale):
    model = _network(NOISY, scale)
    run = train(model, nesterov(0.2 / scale**2, 0.5), model.initialise([0]), 600)
    assert NOISY.interpolation_error > 0.1
    least = scale**2 * NOISY.interpolation_error
    assert float(run.losses[0, -1]) == pytest.approx(least, rel=1e-10)
    assert "measure the excess over the least loss" in run.status[0].value
    assert "raise `steps`" not in run.status[0].value


@pytest.mark.parametrize("scale", [1.0, 1e-6, 1e6])
def test_a_start_without_gradient_is_stationary(scale):
    model = _network(FITTED, scale)
    saddle = [torch.zeros_like(layer) for layer in model.initialise([0])]
    run = train(model, nesterov(0.3, 0.5), saddle, 70)
    assert run.status == (Status.STATIONARY,)
    assert torch.equal(run.residual_norms[0, 1:], run.residual_norms[0, :-1])


def test_a_small_step_is_no_plateau():
    assert _ended(_network(FITTED, 1.0), gradient_descent(1e-12), 200) == "RUNNING"
    assert _ended(_network(NOISY, 1.0), gradient_descent(1e-12), 200) == "RUNNING"


@pytest.mark.parametrize("kappa", [1e2, 1e6, 1e10])
def test_a_slow_mode_is_no_plateau(kappa):
    # All that is left is the slowest mode, which more steps would still learn.
    problem = Quadratic.with_spectrum(torch.tensor([1 / kappa, 1.0], dtype=F64))
    weights = [torch.tensor([[[1.0], [1.0]]], dtype=F64)]
    assert _ended(problem, gradient_descent(1.0), 64, weights) == "RUNNING"


def test_labels_out_of_reach_are_a_plateau_also_in_float32():
    features = torch.tensor([[1.0, 0.0], [0.0, 0.5], [0.0, 0.0]])
    for dtype in (torch.float32, F64):
        problem = Quadratic(features.to(dtype), torch.ones(3, dtype=dtype))
        run = train(problem, gradient_descent(1.0), problem.initialise([0]), 200)
        assert run.status == (Status.PLATEAU,)
        assert float(run.losses[0, -1]) == pytest.approx(0.5)


def test_sharpness_is_the_root_of_a_mean_eigenvalue(model, rounding):
    weights = model.initialise([0, 1])
    H, xi = model.tangent_kernel(weights), model.residual(weights).transpose(1, 2).flatten(1)
    mean = torch.einsum("ri,rij,rj->r", xi, H, xi) / xi.square().sum(1)
    found = sharpness(*model.gradient_factors(weights))
    torch.testing.assert_close(found, mean.sqrt().double().cpu(), rtol=100 * rounding, atol=0)


@pytest.mark.parametrize(
    ("norm", "labels", "first", "now", "eps", "name"),
    [
        (1e-14, 1.0, 1.0, 1.0, 2e-16, "FLOOR"),
        (0.99e-12, 5.0, 1.0, 1.0, 2e-16, "FLOOR"),
        (1.01e-12, 5.0, 1.0, 1.0, 2e-16, "RUNNING"),
        (1.0, 1.0, 2.0, 6.09e-5, 2**-23, "PLATEAU"),
        (1.0, 1.0, 2.0, 6.11e-5, 2**-23, "RUNNING"),
        (1e-14, 0.0, 1.0, 1.0, 2e-16, "RUNNING"),
        (0.0, 0.0, 1.0, 1.0, 2e-16, "FLOOR"),
        (1e-14, 1e-6, 1.0, 1.0, 2e-16, "RUNNING"),
        (1e-3, 1e6, 1.0, 1.0, 2e-16, "RUNNING"),
        (1e-8, 1e6, 1.0, 1.0, 2e-16, "FLOOR"),
        (1.0, 1.0, 0.0, 0.0, 2e-16, "STATIONARY"),
        (1.0, 1.0, 1e-9, 1e-9, 2e-16, "RUNNING"),
        (1.0, 1.0, 1e9, 1e2, 2e-16, "PLATEAU"),
        (1.0, 1.0, 1e9, 1e4, 2e-16, "RUNNING"),
        (1.0, 1.0, 1.0, 2e-6, 2e-16, "RUNNING"),
        (1.0, 1.0, 1.0, 2e-6, 1e-7, "PLATEAU"),
        (1.0, 1.0, 1.0, 0.0, 2e-16, "PLATEAU"),
    ],
)
def test_the_rule(norm, labels, first, now, eps, name):
    assert unfinished(norm, labels, first, now, eps).name == name


def test_every_text_but_one_is_advice():
    assert all(":" in status.value for status in Status if status != Status.CONVERGED)
