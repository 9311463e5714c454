"""The recursion against runs, its terms, and the limit of the weights."""

from __future__ import annotations

import pytest
import torch

from rootkappa import (
    DeepLinear,
    TwoLayerReLU,
    datasets,
    gradient_descent,
    heavy_ball,
    nesterov,
    train,
)
from rootkappa.residuals import recursion_terms
from rootkappa.residuals.activations import RecursionTerms, lazy_displacement

DATA = datasets.sphere(d=8, n=10)
METHODS = [gradient_descent(0.8), heavy_ball(0.8, 0.6), nesterov(0.4, 0.6)]


def _model(width=2048, **options):
    return TwoLayerReLU(DATA.X, 0.1 * DATA.Y, width, "antisymmetric", **options)


@pytest.mark.parametrize("leak", [0.0, 0.3])
@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_the_recursion_is_exact_without_flips_only(method, leak):
    model = _model(256, leak=leak)
    weights = model.initialise([0, 1])
    terms = recursion_terms(model, method, weights, 60)
    run = train(model, method, weights, 60, keep_residuals=True)
    torch.testing.assert_close(terms.residuals, run.residuals)
    sizes, free = terms.flips.norm(dim=2), terms.is_free_of_flips
    assert int(free.sum()) > 5
    assert int((~free).sum()) > 5
    assert float(sizes[free].max()) < 1e-14
    assert float(sizes[~free].max()) > 1e-6


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_drift_and_flips_are_what_the_frozen_recursion_misses(method):
    model = _model(64)
    weights = model.initialise([0])
    terms = recursion_terms(model, method, weights, 20)
    eta, beta, gamma = method.coefficients(0)
    H, xi = model.tangent_kernel(weights)[0], terms.residuals[0]
    for t in range(1, 20):
        frozen = (
            xi[t] + beta * (xi[t] - xi[t - 1]) - eta * H @ ((1 + gamma) * xi[t] - gamma * xi[t - 1])
        )
        left = xi[t + 1] - frozen
        torch.testing.assert_close(left, terms.drift[0, t] + terms.flips[0, t])


def test_all_methods_end_at_the_predicted_weights():
    model = _model(8192)
    weights = [layer.expand(3, -1, -1) for layer in model.initialise([0])]
    run = train(model, METHODS, weights, 300)
    predicted = lazy_displacement(model, weights)[0]
    moved = run.weights[0] - weights[0]
    error = (moved - predicted).norm(dim=(1, 2)) / predicted.norm(dim=(1, 2))
    assert float(error.max()) < 0.15
    start = model.residual(weights)[0, 0]
    square = start @ torch.linalg.solve(model.tangent_kernel(weights)[0], start)
    assert float(predicted[0].square().sum()) == pytest.approx(float(square), rel=1e-9)
    assert not lazy_displacement(model, weights)[1].any()


def test_the_displacement_of_several_outputs_removes_the_residual_to_first_order():
    model = TwoLayerReLU(DATA.X, torch.cat([DATA.Y, -DATA.Y.flip(1)]), 64, train_output=True)
    weights = model.initialise([0])
    jacobians = torch.autograd.functional.jacobian(
        lambda *layers: model.predict(list(layers))[0].T.reshape(-1), tuple(weights)
    )
    moved = lazy_displacement(model, weights)
    change = sum(J.flatten(1) @ step.flatten() for J, step in zip(jacobians, moved, strict=True))
    torch.testing.assert_close(change, -model.residual(weights)[0].T.reshape(-1))


SINGULAR = TwoLayerReLU(DATA.X.repeat(1, 2), DATA.Y.repeat(1, 2), 8)


LINEAR = DeepLinear(DATA.X, DATA.Y, 8, 2)
BAD = [
    (
        lambda: recursion_terms(_model(8), nesterov(0.1), [], 3),
        ValueError,
        "the recursion needs constant numbers, and Nesterov has a schedule",
    ),
    (
        lambda: recursion_terms(_model(8, train_output=True), METHODS[0], [], 3),
        ValueError,
        "fixed outer weights, got train_output=True",
    ),
    (lambda: recursion_terms(_model(8), METHODS[0], [], 3), ValueError, "weights have shapes"),
    (
        lambda: recursion_terms(_model(8), METHODS[0], _model(8).initialise([0]), 0),
        ValueError,
        "steps must be at least 1, got 0",
    ),
    (
        lambda: recursion_terms(LINEAR, METHODS[0], LINEAR.initialise([0]), 3),
        TypeError,
        "for a TwoLayerReLU, got a DeepLinear: follow a linear network with residual_path",
    ),
    (
        lambda: lazy_displacement(LINEAR, LINEAR.initialise([0])),
        TypeError,
        "for a TwoLayerReLU, got a DeepLinear",
    ),
    (
        lambda: lazy_displacement(SINGULAR, SINGULAR.initialise([0, 1])),
        ValueError,
        "kernel of 2 of 2 starts is singular",
    ),
]


@pytest.mark.parametrize(("call", "kind", "message"), BAD)
def test_bad_arguments_are_named(call, kind, message):
    with pytest.raises(kind, match=message):
        call()


def test_one_dead_start_among_others_is_counted():
    model = TwoLayerReLU(DATA.X, DATA.Y, 64)
    weights = [layer.clone() for layer in model.initialise([0, 1, 2])]
    weights[1][1] = 0.0  # without outer weights the outputs depend on nothing
    with pytest.raises(ValueError, match=r"kernel of 1 of 3 starts is singular.*widen the network"):
        lazy_displacement(model, weights)


def test_steps_are_free_of_flips_by_hand():
    changed = torch.tensor([[0, 0, 2, 0, 0], [0, 1, 0, 0, 3]])
    nothing = torch.zeros(2, 4, 1)
    terms = RecursionTerms(torch.zeros(2, 5, 1), nothing, nothing, changed)
    assert terms.is_free_of_flips.tolist() == [
        [True, False, False, True],
        [False, False, True, False],
    ]


def test_changed_activations_are_counted_in_every_replica():
    model, method = _model(32), nesterov(0.4, 0.6)
    weights = model.initialise([0, 1])
    terms = recursion_terms(model, method, weights, 12)
    assert terms.changed.shape == (2, 13)
    assert not terms.changed[:, 0].any()
    for row, replica in enumerate(zip(*weights, strict=True)):
        now = before = replica[0]
        earlier = now @ DATA.X > 0
        for t in range(13):
            point = now + 0.6 * (now - before)
            pattern = point @ DATA.X > 0
            assert int(terms.changed[row, t]) == int((pattern != earlier).sum())
            (gradient, _) = model.gradient([point[None], replica[1][None]])
            before, now, earlier = now, point - 0.4 * gradient[0], pattern


def test_the_first_step_has_no_drift_and_only_flips_are_left():
    model, method = _model(48), nesterov(0.5, 0.7)
    weights = model.initialise([3])
    terms = recursion_terms(model, method, weights, 1)
    xi, H = terms.residuals[0], model.tangent_kernel(weights)[0]
    assert not terms.drift.any()
    torch.testing.assert_close(terms.flips[0, 0], xi[1] - xi[0] + 0.5 * 1.7 * H @ xi[0])
