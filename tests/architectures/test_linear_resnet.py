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
