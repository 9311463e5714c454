"""Linear residual networks: the plain product, the three pairs of maps, replicas of them."""

from __future__ import annotations

import pytest
import torch

from rootkappa import LinearResNet, datasets, gradient_descent, nesterov, train

DATA = datasets.gaussian(d=4, k=2, n=9, kappa=9)
X, Y = DATA.X, DATA.Y


def test_the_prediction_is_the_plain_product():
    drawn = LinearResNet.gaussian(X, Y, 7, 3, [1])
    model = LinearResNet(X, Y, drawn.A, drawn.B, 3, hidden_scale=1.0)
    W1, W2, W3 = (layer[0] for layer in model.initialise([0]))
    eye = torch.eye(7, dtype=torch.float64)
    plain = drawn.B[0] @ (eye + W3) @ (eye + W2) @ (eye + W1) @ drawn.A[0] @ X
    torch.testing.assert_close(model.predict(model.initialise([0]))[0], plain)


@pytest.mark.parametrize("maps", ["gaussian", "identity", "modified_identity"])
def test_the_kernel_at_zero_hidden_weights_has_a_closed_form(maps):
    scales = {"input_scale": 2.0, "output_scale": 3.0}
    if maps == "gaussian":
        model = LinearResNet.gaussian(X, Y, 8, 5, [0], **scales)
    else:
        model = getattr(LinearResNet, maps)(X, Y, 8, 5, **scales)
    features, backward = model.A[0] @ X, model.B[0]
    exact = 5 * torch.kron(features.T @ features, backward @ backward.T)
    kernel = model.tangent_kernel(model.initialise([0]))[0]
    torch.testing.assert_close(kernel, exact, rtol=1e-14, atol=1e-14)
    if maps != "gaussian":
        torch.testing.assert_close(exact, 5 * 36 * torch.kron(X.T @ X, torch.eye(2).double()))


def test_the_modified_identity_shares_no_coordinate():
    modified = LinearResNet.modified_identity(X, Y, 6, 2, 2.0, 3.0)
    assert torch.equal(modified.B[0], 3 * torch.eye(6, dtype=torch.float64)[-2:])
    assert float((modified.B @ modified.A).abs().max()) == 0
    identity = LinearResNet.identity(X, Y, 6, 2, 2.0, 3.0)
    assert torch.equal((identity.B @ identity.A)[0], 6 * torch.eye(2, 4, dtype=torch.float64))


def test_gaussian_maps_have_the_variance_that_is_asked_for():
    model = LinearResNet.gaussian(X, Y, 100, 1, range(200), 2.0, 0.5)
    assert float(model.A.square().mean()) == pytest.approx(4 / 100, rel=0.02)
    assert float(model.B.square().mean()) == pytest.approx(0.25 / 100, rel=0.02)


def test_stacked_maps_train_as_each_alone():
    model = LinearResNet.gaussian(X, Y, 7, 3, range(3))
    methods = [gradient_descent(0.05), gradient_descent(50.0), nesterov(0.02, 0.7)]
    together = train(model, methods, model.initialise(range(3)), 200, chunk=2)
    assert together.status[1].name == "DIVERGED"
    for row, method in enumerate(methods):
        one = model.select([row])
        alone = train(one, method, one.initialise([0]), 200)
        torch.testing.assert_close(
            alone.residual_norms[0],
            together.residual_norms[row],
            rtol=1e-9,
            atol=1e-12,
            equal_nan=True,
        )
    assert torch.equal(model.select([2, 2]).A[1], model.A[2])


def test_hidden_weights_have_the_scale_that_is_asked_for_in_every_selection():
    drawn = LinearResNet.gaussian(X, Y, 40, 2, range(3))
    model = LinearResNet(X, Y, drawn.A, drawn.B, 2, hidden_scale=0.5)
    for some, seeds in ((model, range(3)), (model.select([2, 0]), range(2))):
        squares = torch.cat(some.initialise(seeds)).square().mean()
        assert float(squares) == pytest.approx(0.5**2 / 40, rel=0.1)
    assert model.select([1]).replicas is None


def _maps(a=(7, 4), b=(2, 7), dtype=torch.float64):
    return LinearResNet(X, Y, torch.ones(a, dtype=dtype), torch.ones(b).double(), 2)


REFUSED = {
    "A of one axis": (
        lambda: _maps(a=(7,)),
        ValueError,
        r"A must be a matrix, or a stack of them, got shape \(7,\): give A as \(m, d\)",
    ),
    "B of four axes": (lambda: _maps(b=(1, 1, 2, 7)), ValueError, "B must be a matrix, or a stack"),
    "inputs": (
        lambda: _maps(a=(7, 3)),
        ValueError,
        r"A has shape \(7, 3\) and B \(2, 7\): with d = 4 inputs .* give A as \(m, 4\)",
    ),
    "outputs": (lambda: _maps(b=(3, 7)), ValueError, r"and B as \(2, m\)"),
    "widths": (lambda: _maps(b=(2, 6)), ValueError, r"A has shape \(7, 4\) and B \(2, 6\)"),
    "replicas": (
        lambda: _maps(a=(3, 7, 4), b=(2, 2, 7)),
        ValueError,
        "A has 3 replicas and B has 2: give as many of both, or one",
    ),
    "precision": (
        lambda: _maps(dtype=torch.float32),
        TypeError,
        r"A is torch.float32 on cpu and X is torch.float64 on cpu: bring them .* A.to\(X\)",
    ),
    "a narrow identity": (
        lambda: LinearResNet.identity(X, Y, 3, 2),
        ValueError,
        "width must be at least 4, got 3",
    ),
    "a narrow modified identity": (
        lambda: LinearResNet.modified_identity(X, Y, 5, 2),
        ValueError,
        r"a width of at least d \+ k = 6, got 5: widen the network",
    ),
    "no input scale": (
        lambda: LinearResNet.gaussian(X, Y, 7, 2, [0], input_scale=0.0),
        ValueError,
        "input_scale must be a finite number above 0, got 0",
    ),
    "a negative output scale": (
        lambda: LinearResNet.identity(X, Y, 7, 2, output_scale=-1.0),
        ValueError,
        "output_scale must be a finite number above 0, got -1",
    ),
    "a negative hidden scale": (
        lambda: LinearResNet(X, Y, torch.ones(7, 4).double(), torch.ones(2, 7).double(), 2,
                             hidden_scale=-0.5),
        ValueError,
        "hidden_scale must be .* at least 0, got -0.5.*use 0 for hidden weights that start at zero",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("call", "kind", "message"), REFUSED.values(), ids=REFUSED)
def test_maps_and_scales_that_cannot_be_are_named(call, kind, message):
    with pytest.raises(kind, match=message):
        call()


@pytest.mark.parametrize("stacked", ["A", "B"])
def test_one_map_may_be_shared_where_the_other_is_drawn_anew(stacked):
    drawn = LinearResNet.gaussian(X, Y, 7, 2, range(3))
    A, B = (drawn.A, drawn.B[0]) if stacked == "A" else (drawn.A[0], drawn.B)
    model = LinearResNet(X, Y, A, B, 2, hidden_scale=1.0)
    assert model.replicas == 3
    weights = model.initialise(range(3))
    outputs = model.predict(weights)
    for row in range(3):
        a, b = (A[row], B) if stacked == "A" else (A, B[row])
        one = LinearResNet(X, Y, a, b, 2)
        assert one.replicas is None
        alone = one.predict([layer[row : row + 1] for layer in weights])
        torch.testing.assert_close(outputs[row : row + 1], alone)


def test_a_network_that_all_replicas_share_is_its_own_selection():
    model = LinearResNet.identity(X, Y, 7, 2)
    assert model.select([5, 0]) is model
    drawn = LinearResNet.gaussian(X, Y, 7, 3, range(3))
    some = drawn.select([2, 0])
    assert torch.equal(some.B, drawn.B[[2, 0]])
    assert (some.depth, some.maps, some.hidden_scale) == (3, "gaussian", 0.0)


def test_hidden_weights_start_at_zero_in_the_precision_of_the_data():
    model = LinearResNet.identity(X.float(), Y.float(), 7, 2)
    for layer in model.initialise([0, 1]):
        assert layer.dtype == torch.float32
        assert layer.shape == (2, 7, 7)
        assert not layer.any()


@pytest.mark.parametrize("replicas", [1, 2, 3])
def test_replicas_are_as_many_as_there_are_draws_of_maps(replicas):
    model = LinearResNet.gaussian(X, Y, 7, 2, range(replicas))
    assert model.replicas == (None if replicas == 1 else replicas)


def test_maps_are_called_by_their_names():
    plain = LinearResNet(X, Y, torch.ones(7, 4).double(), torch.ones(2, 7).double(), 2)
    drawn = LinearResNet.gaussian(X, Y, 7, 2, [0])
    identity = LinearResNet.identity(X, Y, 7, 2)
    modified = LinearResNet.modified_identity(X, Y, 7, 2)
    names = [model.maps for model in (plain, drawn, identity, modified)]
    assert names == ["given", "gaussian", "identity", "modified identity"]
