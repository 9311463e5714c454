"""The loop: stacking, statuses, stopping, observers, symmetries."""

from __future__ import annotations

import pytest
import torch

from rootkappa import (
    DeepLinear,
    Quadratic,
    Status,
    datasets,
    gradient_descent,
    heavy_ball,
    nesterov,
    train,
)
from rootkappa.datasets import Dataset
from rootkappa.draws import generator, haar

DATA = datasets.gaussian(d=4, k=2, n=7, kappa=9)
MODEL = DeepLinear(DATA.X, DATA.Y, width=16, depth=3)
METHODS = [gradient_descent(0.3), heavy_ball(0.2, 0.7), nesterov(0.1, 0.7), heavy_ball(0.2, 0.5)]


def test_stacking_changes_nothing():
    weights = MODEL.initialise(range(4))
    together = train(MODEL, METHODS, weights, 150)
    for chunk in (1, 3):
        apart = train(MODEL, METHODS, weights, 150, chunk=chunk)
        torch.testing.assert_close(
            apart.residual_norms, together.residual_norms, rtol=1e-9, atol=1e-13
        )
    for row, method in enumerate(METHODS):
        alone = train(MODEL, method, [layer[row : row + 1] for layer in weights], 150)
        torch.testing.assert_close(
            alone.residual_norms[0], together.residual_norms[row], rtol=1e-9, atol=1e-13
        )


def test_the_record_is_that_of_a_plain_loop(model, rounding):
    weights = model.initialise([0])
    points, residuals = [layer.clone() for layer in weights], []
    for _ in range(6):
        residuals.append(model.residual(points).flatten())
        points = [w - 0.05 * g for w, g in zip(points, model.gradient(points), strict=True)]
    run = train(model, gradient_descent(0.05), weights, 5)
    for t in range(2, 6):
        products = [residuals[t] @ residuals[t - lag] for lag in range(3)]
        assert float(run.losses[0, t]) == pytest.approx(float(products[0]) / 2, rel=10 * rounding)
        assert float(run.lag1[0, t]) == pytest.approx(float(products[1]), rel=10 * rounding)
        assert float(run.lag2[0, t]) == pytest.approx(float(products[2]), rel=10 * rounding)
    assert run.lag1[0, 0].isnan()
    assert run.lag2[0, :2].isnan().all()


def test_divergence_is_a_status_and_does_not_spread():
    methods = [gradient_descent(0.3), gradient_descent(50.0), gradient_descent(0.3)]
    weights = [layer.repeat(3, 1, 1) for layer in MODEL.initialise([0])]
    run = train(MODEL, methods, weights, 400, tolerance=1e-3)
    assert [status.name for status in run.status] == ["CONVERGED", "DIVERGED", "CONVERGED"]
    torch.testing.assert_close(run.losses[0], run.losses[2], equal_nan=True)
    assert run.stopped_at[1] < 400


def test_a_run_stops_soon_after_the_tolerance_and_says_when_it_got_there():
    run = train(MODEL, METHODS[:1], MODEL.initialise([0]), 4000, tolerance=1e-4)
    first, stopped = int(run.steps_to(1e-4)), int(run.stopped_at)
    assert run.status == (Status.CONVERGED,)
    assert first <= stopped < first + 64
    relative = run.residual_norms[0] / run.residual_norms[0, 0]
    assert relative[first] < 1e-4 <= relative[first - 1]
    assert relative[stopped + 1 :].isnan().all()
    left = MODEL.residual(run.weights).norm() / run.residual_norms[0, 0]
    assert float(left) == pytest.approx(float(relative[stopped]), rel=1e-9)
    short = train(MODEL, METHODS[:1], MODEL.initialise([0]), 10, tolerance=1e-4)
    assert short.status == (Status.RUNNING,)
    assert short.steps_to(1e-4).tolist() == [float("inf")]


def test_observers_look_at_the_steps_asked_for():
    def squared(snapshot):
        return snapshot.model.residual(snapshot.weights).square().sum((1, 2)) / 2

    run = train(
        MODEL,
        METHODS,
        MODEL.initialise(range(4)),
        80,
        observers={"loss": squared},
        observe_at=[70, 0, 3],
        chunk=2,
    )
    assert run.observed_at == (0, 3, 70)
    torch.testing.assert_close(run.observed["loss"], run.losses[:, [0, 3, 70]], rtol=1e-12, atol=0)


def test_residual_vectors_are_kept_on_demand():
    run = train(MODEL, METHODS, MODEL.initialise(range(4)), 80, keep_residuals=True, chunk=3)
    assert run.residuals.shape == (4, 81, 7 * 2)
    torch.testing.assert_close(run.residuals.norm(dim=2), run.residual_norms)
    last = MODEL.residual(run.weights).transpose(1, 2).flatten(1)
    torch.testing.assert_close(run.residuals[:, -1], last, rtol=1e-9, atol=1e-12)


def test_starting_weights_are_left_alone(model):
    weights = model.initialise([0])
    copies = [layer.clone() for layer in weights]
    train(model, heavy_ball(0.01, 0.5), weights, 5)
    assert all(torch.equal(a, b) for a, b in zip(weights, copies, strict=True))


def test_zero_residual_is_a_fixed_point():
    weights = MODEL.initialise([0])
    solved = DeepLinear(DATA.X, MODEL.predict(weights)[0], 16, 3)
    run = train(solved, nesterov(0.3, 0.9), weights, 20)
    assert float(run.residual_norms.max()) < 1e-13


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_scaling_the_data_scales_the_step(method):
    weights, scale = MODEL.initialise([0]), 7.0
    scaled = DeepLinear(scale * DATA.X, scale * DATA.Y, 16, 3)
    slower = type(method)(method.step_size / scale**2, method.momentum, method.extrapolation)
    ours = train(MODEL, method, weights, 100).weights
    theirs = train(scaled, slower, weights, 100).weights
    for a, b in zip(ours, theirs, strict=True):
        assert float((a - b).norm() / a.norm()) < 1e-11


def test_rotating_samples_changes_no_weight():
    Q = haar(7, 7, generator(0))
    turned = Dataset(DATA.X @ Q, DATA.Y @ Q, "rotated")
    weights = MODEL.initialise([0])
    other = DeepLinear(turned.X, turned.Y, 16, 3)
    for a, b in zip(
        train(MODEL, METHODS[1], weights, 100).weights,
        train(other, METHODS[1], weights, 100).weights,
        strict=True,
    ):
        assert float((a - b).norm() / a.norm()) < 1e-11


def test_a_quadratic_decays_as_its_modes_do():
    spectrum = torch.tensor([0.1, 1.0], dtype=torch.float64)
    run = train(
        Quadratic.with_spectrum(spectrum),
        gradient_descent(1.0),
        [torch.ones(1, 2, 1, dtype=torch.float64)],
        50,
    )
    exact = 0.1**0.5 * 0.9 ** torch.arange(1, 51, dtype=torch.float64)
    torch.testing.assert_close(run.residual_norms[0, 1:], exact, rtol=1e-13, atol=0)


def test_noise_that_no_network_fits_is_part_of_the_record():
    data = datasets.gaussian(d=4, k=2, n=30, kappa=9, noise=0.5)
    model = DeepLinear(data.X, data.Y, width=16, depth=3)
    weights = model.initialise(range(4))
    short = train(model, METHODS, weights, 60)
    whole = train(model, METHODS, weights, 60, keep_residuals=True)
    for name in ("residual_norms", "lag1", "lag2"):
        torch.testing.assert_close(
            getattr(short, name), getattr(whole, name), rtol=1e-11, atol=0, equal_nan=True
        )
