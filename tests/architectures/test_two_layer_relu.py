"""What is particular to two-layer ReLU networks; gradients and kernels are in the battery."""

from __future__ import annotations

import itertools
import math

import pytest
import torch

from rootkappa import TwoLayerReLU, datasets, heavy_ball, nesterov, train

DATA = datasets.sphere(d=4, n=6)


def _model(width=10, initialisation="gaussian", **options):
    return TwoLayerReLU(DATA.X, DATA.Y, width, initialisation, **options)


@pytest.mark.parametrize(
    ("scaling", "factor"), [("lazy", 1 / math.sqrt(10)), ("mean-field", 1 / 10), ("none", 1)]
)
def test_the_prediction_is_the_plain_sum(scaling, factor):
    model = _model(scaling=scaling)
    W, a = (layer[0] for layer in model.initialise([0]))
    plain = sum(a[0, r] * torch.relu(W[r] @ DATA.X) for r in range(10)) * factor
    torch.testing.assert_close(model.predict(model.initialise([0]))[0, 0], plain)


def test_biases_and_trained_outer_weights_are_those_of_torch():
    model = _model(16, "bu2021", scaling="none", bias=True, train_output=True)
    W, a = model.initialise([0])
    hidden, out = torch.nn.Linear(4, 16).double(), torch.nn.Linear(16, 1, bias=False).double()
    with torch.no_grad():
        hidden.weight.copy_(W[0, :, :4])
        hidden.bias.copy_(W[0, :, 4])
        out.weight.copy_(a[0])
    parameters = [*hidden.parameters(), *out.parameters()]
    optimizer = torch.optim.SGD(parameters, lr=0.01, momentum=0.8, nesterov=True)
    losses = []
    for _ in range(30):
        optimizer.zero_grad()
        loss = (out(torch.relu(hidden(DATA.X.T))).T - DATA.Y).square().sum() / 2
        loss.backward()
        losses.append(float(loss.detach()))
        optimizer.step()
    run = train(model, nesterov(0.01, 0.8), [W, a], 29)
    assert run.losses[0].tolist() == pytest.approx(losses, rel=1e-9)


def test_several_outputs_train_as_those_of_torch():
    data = datasets.sphere(d=4, k=3, n=6)
    model = TwoLayerReLU(data.X, data.Y, 8, scaling="mean-field", train_output=True)
    W, a = model.initialise([2])
    layers = [layer[0].clone().requires_grad_() for layer in (W, a)]
    optimizer = torch.optim.SGD(layers, lr=0.1, momentum=0.8)
    for _ in range(25):
        optimizer.zero_grad()
        outputs = layers[1] @ torch.relu(layers[0] @ data.X) / 8
        ((outputs - data.Y).square().sum() / 2).backward()
        optimizer.step()
    run = train(model, heavy_ball(0.1, 0.8), [W, a], 25)
    for ours, theirs in zip(run.weights, layers, strict=True):
        torch.testing.assert_close(ours[0], theirs.detach(), rtol=1e-11, atol=1e-12)


def test_outputs_do_not_mix_where_the_outer_weights_are_fixed():
    # Entry ((i, c), (j, e)) = <x_i, x_j> sum_r a_cr a_er A_ri A_rj / m, here by loops.
    data = datasets.sphere(d=3, k=2, n=4)
    model = TwoLayerReLU(data.X, data.Y, 6)
    W, a = (layer[0] for layer in model.initialise([1]))
    H = torch.empty(8, 8).double()
    A = (W @ data.X >= 0).double()
    for i, c, j, e in itertools.product(range(4), range(2), range(4), range(2)):
        shared = (a[c] * a[e] * A[:, i] * A[:, j]).sum() / 6
        H[2 * i + c, 2 * j + e] = (data.X[:, i] @ data.X[:, j]) * shared
    torch.testing.assert_close(model.tangent_kernel(model.initialise([1]))[0], H)


def test_one_output_of_several_is_the_network_with_one():
    several = TwoLayerReLU(DATA.X, torch.cat([DATA.Y, DATA.Y]), 10, train_output=True)
    W, a = several.initialise([0])
    one = _model(train_output=True)
    torch.testing.assert_close(several.predict([W, a])[:, 1:], one.predict([W, a[:, 1:]]))
    kernel = several.tangent_kernel([W, a])[:, 1::2, 1::2]
    torch.testing.assert_close(kernel, one.tangent_kernel([W, a[:, 1:]]))


def test_the_draws_of_bu_have_the_deviations_of_their_notebook():
    # By hand: E w^2 = 1/m^2, uniform biases on [-d^-1/2, d^-1/2] and outer weights on [-1, 1].
    model = _model(50, "bu2021", bias=True)
    W, a = model.initialise(range(400))
    assert float((50 * W[:, :, :4]).square().mean()) == pytest.approx(1, rel=0.02)
    assert float(W[:, :, 4].square().mean()) == pytest.approx(1 / (3 * 4), rel=0.02)
    assert float(W[:, :, 4].abs().max()) == pytest.approx(0.5, rel=1e-3)
    assert float(a.square().mean()) == pytest.approx(1 / 3, rel=0.02)
    assert float(a.abs().max()) == pytest.approx(1, rel=1e-3)
    assert abs(float(a.mean())) < 0.02


def test_fixed_outer_weights_stay():
    model = _model()
    weights = model.initialise([0, 1])
    assert set(weights[1].flatten().tolist()) == {-1, 1}
    run = train(model, nesterov(0.5, 0.5), weights, 20)
    assert torch.equal(run.weights[1], weights[1])
    assert not torch.equal(run.weights[0], weights[0])


@pytest.mark.parametrize("leak", [0.0, 0.25, 0.75])
def test_the_kink_counts_as_active(leak):
    X = torch.tensor([[1.0, 0.0], [0.0, 1.0]], dtype=torch.float64)
    model = TwoLayerReLU(X, torch.ones(1, 2, dtype=torch.float64), 1, leak=leak)
    weights = [torch.tensor([[[0.0, -1.0]]], dtype=torch.float64), torch.ones(1, 1, 1).double()]
    W = weights[0].clone().requires_grad_()
    (model.residual([W, weights[1]]).square().sum() / 2).backward()
    assert model.activation_patterns(weights)[0].tolist() == [[[True, False]]]
    # At -1 the output is -alpha, the residual -1 - alpha, and the slope alpha.
    assert model.gradient(weights)[0].tolist() == [[[-1.0, -leak * (1 + leak)]]] == W.grad.tolist()
    assert model.tangent_kernel(weights)[0].tolist() == [[1.0, 0.0], [0.0, leak**2]]


LEAKY = {
    "one output": (1, {}),
    "twins, k=3": (3, {"initialisation": "antisymmetric"}),
    "biases, all trained": (2, {"bias": True, "train_output": True, "initialisation": "bu2021"}),
}


@pytest.mark.parametrize("leak", [0.01, 0.2, 0.5])
@pytest.mark.parametrize("name", LEAKY)
def test_a_leak_is_that_of_torch(name, leak):
    k, options = LEAKY[name]
    data, outer = datasets.sphere(d=4, k=k, n=6), options.get("train_output", False)
    model = TwoLayerReLU(data.X, data.Y, 10, leak=leak, **options)
    weights, others = model.initialise([0, 1]), model.initialise([2, 3])
    shares = torch.tensor([[2.0, 0, 1, 1, 3, 0], [0, 1, 0, 5, 0, 1]]).double()

    def outputs(W, a):
        return model.factor * a @ torch.nn.functional.leaky_relu(W @ model.inputs, leak)

    def jacobian(layers, row):
        parts = torch.autograd.functional.jacobian(
            lambda *both: outputs(*both).mT.flatten(), tuple(layer[row] for layer in layers)
        )
        return torch.cat([part.flatten(1) for part in parts[: 1 + outer]], dim=1)

    torch.testing.assert_close(model.predict(weights), outputs(*weights))
    # The loop reuses memory where no derivative is recorded.
    for recording in (False, True):
        with torch.set_grad_enabled(recording):
            xi, factors = model.batch_factors(weights, shares)
            _, all_data = model.gradient_factors(weights)
            cross = model.cross_kernel(weights, others)
        for row in range(2):
            J, here = jacobian(weights, row), cross[row]
            torch.testing.assert_close(here, J @ jacobian(others, row).T)
            for factor, weight in ((factors, shares[row]), (all_data, 1.0)):
                wanted = J.T @ (weight * xi[row]).T.flatten()
                found = [(left @ right)[row].flatten() for left, right in factor[: 1 + outer]]
                torch.testing.assert_close(torch.cat(found), wanted)
    if "twins" in name:
        assert float(model.predict(weights).abs().max()) < 1e-14


def test_the_gradient_is_that_of_the_present_activations():
    # After a step that flips activations, the mask must be that of the new weights.
    model = _model(64)
    run = train(model, nesterov(0.9, 0.5), model.initialise([0]), 40)
    W = run.weights[0].clone().requires_grad_()
    (model.residual([W, run.weights[1]]).square().sum() / 2).backward()
    points = (run.weights, model.initialise([0]))
    now, start = (model.activation_patterns(point)[0] for point in points)
    assert int((now ^ start).sum()) > 0
    torch.testing.assert_close(model.gradient(run.weights)[0], W.grad, rtol=1e-12, atol=1e-12)


def test_the_start_has_the_size_of_the_papers():
    model = _model(200)
    squares = model.predict(model.initialise(range(2000))).square().mean((1, 2))
    assert abs(float(squares.mean()) - 0.5) < 4 * float(squares.std()) / 2000**0.5
    for k in (1, 3):
        paired = TwoLayerReLU(DATA.X, DATA.Y.expand(k, -1), 200, "antisymmetric")
        assert float(paired.predict(paired.initialise(range(3))).abs().max()) < 1e-14


def test_permuting_neurons_changes_nothing():
    model = _model()
    W, a = model.initialise([0])
    order = torch.randperm(10)
    torch.testing.assert_close(
        model.tangent_kernel([W, a]), model.tangent_kernel([W[:, order], a[:, :, order]])
    )


def test_the_pull_back_of_the_residual_is_the_gradient():
    model = _model(train_output=True)
    weights = model.initialise([0, 1])
    pulled = [left @ right for left, right in model.pull_back(weights, model.residual(weights))]
    for ours, gradient in zip(pulled, model.gradient(weights), strict=True):
        torch.testing.assert_close(ours, gradient)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: _model(7, "antisymmetric"), "needs an even width, got 7: use 8"),
        (lambda: _model(scaling="ntk"), "unknown scaling 'ntk': choose one of lazy, mean-field"),
        (lambda: _model(0), "width must be at least 1, got 0"),
        (lambda: _model(initialisation="he"), "'he': choose one of antisymmetric, bu2021"),
        *(
            (
                lambda leak=leak: _model(leak=leak),
                rf"leak must lie in \[0, 1\), got {leak:g}.*: use 0 for a ReLU and less than 1",
            )
            for leak in (1, -0.1, math.nan, math.inf)
        ),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_leak_that_is_no_number_is_named():
    with pytest.raises(TypeError, match=r"leak must be a number, got '0.1': give one"):
        _model(leak="0.1")


def test_a_bias_is_the_last_column_of_the_inner_weights():
    model = _model(bias=True)
    W, a = model.initialise([0, 1])
    assert model.shapes == [(10, 5), (1, 10)]
    hidden = torch.relu(W[:, :, :4] @ DATA.X + W[:, :, 4:])
    torch.testing.assert_close(model.predict([W, a]), a @ hidden / math.sqrt(10))


def test_twins_have_opposite_signs():
    model = _model(12, "antisymmetric")
    W, a = model.initialise([0, 1])
    assert torch.equal(W[:, :6], W[:, 6:])
    assert torch.equal(a[:, :, :6], -a[:, :, 6:])
    assert set(a.flatten().tolist()) == {-1.0, 1.0}


@pytest.mark.parametrize("train_output", [False, True])
def test_a_pull_back_of_any_vector_is_that_of_the_jacobian(train_output):
    data = datasets.sphere(d=4, k=2, n=6)
    model = TwoLayerReLU(data.X, data.Y, 8, train_output=train_output)
    weights = model.initialise([0, 1])
    vector = torch.randn(2, 2, 6, generator=torch.Generator().manual_seed(1)).double()
    found = [left @ right for left, right in model.pull_back(weights, vector)]
    leaves = [layer.clone().requires_grad_() for layer in weights]
    outputs = model.factor * leaves[1] @ torch.relu(leaves[0] @ data.X)
    exact = torch.autograd.grad((outputs * vector).sum(), leaves)
    torch.testing.assert_close(found[0], exact[0])
    torch.testing.assert_close(found[1], exact[1] if train_output else torch.zeros_like(exact[1]))


def test_one_neuron_and_one_sample_are_enough():
    X, Y = torch.tensor([[2.0]]).double(), torch.tensor([[1.0]]).double()
    model = TwoLayerReLU(X, Y, 1, train_output=True)
    weights = [torch.tensor([[[3.0]]]).double(), torch.tensor([[[-1.0]]]).double()]
    assert model.residual(weights).tolist() == [[[-7.0]]]
    assert [layer.tolist() for layer in model.gradient(weights)] == [[[[14.0]]], [[[-42.0]]]]
    assert model.tangent_kernel(weights).tolist() == [[[4.0 + 36.0]]]
