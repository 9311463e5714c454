"""Closed forms against automatic differentiation, and the symmetries of the models."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rootkappa import DeepReLU, LinearResNet, Quadratic, TwoLayerReLU, datasets
from rootkappa.architectures.model import kronecker, vectorise
from tests.conftest import MODELS, relabel


def test_the_gradient_is_that_of_automatic_differentiation(model, rounding):
    weights = [layer.requires_grad_() for layer in model.initialise([0, 1, 2])]
    loss = model.residual(weights).square().sum() / 2
    # A layer that is not trained has no gradient: zero.
    grads = torch.autograd.grad(loss, weights, allow_unused=True, materialize_grads=True)
    with torch.no_grad():
        ours = model.gradient(weights)
        residual, _ = model.gradient_factors(weights)
    for exact, oracle in zip(ours, grads, strict=True):
        assert float((exact - oracle).norm()) <= rounding * float(oracle.norm())
    torch.testing.assert_close(residual, model.residual(weights).detach())


@pytest.mark.parametrize("name", MODELS)
def test_the_kernel_is_the_speed_of_the_outputs_along_the_gradient(name):
    model = MODELS[name](("cpu", torch.float64))
    weights = model.initialise([0, 1])
    slope = model.gradient(weights)
    # So small that no activation switches, and that cubes are rounding.
    step = 1e-6 / max(float(layer.abs().max()) for layer in slope)
    ahead, back = (
        model.predict([w + sign * step * g for w, g in zip(weights, slope, strict=True)])
        for sign in (1, -1)
    )
    speed = vectorise(ahead - back) / (2 * step)
    found = model.tangent_kernel(weights) @ vectorise(model.residual(weights))[..., None]
    torch.testing.assert_close(
        found[..., 0], speed, rtol=1e-5, atol=1e-5 * float(speed.abs().max())
    )


def test_where_the_labels_are_met_the_gradient_is_zero(model):
    weights = model.initialise([4])
    relabel(model, model.predict(weights)[0])
    assert not model.residual(weights).any()
    assert not any(layer.any() for layer in model.gradient(weights))


def test_the_gradient_is_linear_in_the_labels(model, rounding):
    weights, labels = model.initialise([0, 1]), model.Y
    shift = torch.linspace(-1, 1, labels.numel(), dtype=torch.float64).reshape(labels.shape)
    slopes = []
    for share in (0.0, 1.0, 3.0):
        relabel(model, labels + share * shift.to(labels))
        slopes.append(model.gradient(weights))
    for none, one, three in zip(*slopes, strict=True):
        size = rounding * 20 * float(three.norm() + none.norm())
        assert float((three - none - 3 * (one - none)).norm()) <= size


def test_device_and_dtype_follow_the_data(model, place):
    weights = model.initialise([0, 1])
    answers = [model.predict(weights), model.residual(weights), model.tangent_kernel(weights)]
    for tensor in (*weights, *answers, *model.gradient(weights)):
        assert (tensor.device.type, tensor.dtype) == (torch.device(place[0]).type, place[1])


def test_answers_leave_the_weights_alone_and_follow_their_order(model, rounding):
    weights = model.initialise([0, 1, 2])
    kept = [layer.clone() for layer in weights]
    turned = [layer[[2, 0, 1]] for layer in weights]
    for ask in (model.predict, model.residual, model.tangent_kernel):
        found, again = ask(weights), ask(turned)
        # Outputs of pairs cancel: of these only what rounding leaves is found.
        assert float((again - found[[2, 0, 1]]).norm()) <= rounding * (1 + float(found.norm()))
    assert all(torch.equal(a, b) for a, b in zip(weights, kept, strict=True))


def test_the_order_in_memory_changes_no_number(model, rounding):
    weights = model.initialise([0, 1, 2])
    arranged = model.arrange(weights)
    assert all(torch.equal(a, b) for a, b in zip(arranged, weights, strict=True))
    with torch.no_grad():
        pairs = zip(model.gradient(arranged), model.gradient(weights), strict=True)
        for ours, oracle in pairs:
            assert float((ours - oracle).norm()) <= rounding * float(oracle.norm())


@pytest.mark.filterwarnings("ignore::rootkappa.problems.SpectrumWarning")
def test_the_jacobian_and_the_spectra_are_those_of_the_kernel(model, rounding):
    weights = model.initialise([0, 1])
    kernel = model.tangent_kernel(weights)
    jacobian = model.jacobian(weights)
    if jacobian is not None:
        assert float((jacobian @ jacobian.mT - kernel).norm()) <= rounding * float(kernel.norm())
    for one, spectrum in zip(kernel, model.spectra(weights), strict=True):
        values = torch.linalg.eigvalsh(one)[spectrum.dropped :]
        size = float(values[-1])
        assert float((values - spectrum.eigenvalues.to(values)).abs().max()) <= rounding * size


def test_activation_patterns_are_those_of_a_relu_network(model):
    weights = model.initialise([0, 1])
    if "ReLU" not in type(model).__name__:
        with pytest.raises(TypeError, match="has no activation patterns: ask a ReLU network"):
            model.activation_patterns(weights)
        return
    n = model.Y.shape[1]
    shapes = [tuple(pattern.shape) for pattern in model.activation_patterns(weights)]
    hidden = [7, 8, 16] if len(weights) > 2 else [10]
    assert shapes == [(2, width, n) for width in hidden]


def test_replicas_depend_on_their_own_seed_only(model):
    together = model.initialise([3, 8])
    alone = model.initialise([8])
    assert all(torch.equal(a[1], b[0]) for a, b in zip(together, alone, strict=True))
    assert [layer.shape[1:] for layer in together] == [torch.Size(s) for s in model.shapes]


def test_vec_and_kronecker_are_column_major():
    M, Z, N = (torch.randn(1, 3, 3, dtype=torch.float64) for _ in range(3))
    left = vectorise(M @ Z @ N)
    right = kronecker(N.mT, M) @ vectorise(Z)[..., None]
    torch.testing.assert_close(left, right[..., 0])


def _resnet():
    data = datasets.gaussian(d=4, k=2, n=5)
    return LinearResNet.gaussian(data.X, data.Y, 7, 2, seeds=range(3))


ASKED = ["predict", "residual", "gradient", "tangent_kernel", "spectra"]


@pytest.mark.parametrize("asked", ASKED)
def test_what_takes_weights_checks_that_they_fit(asked, model):
    weights = model.initialise([0, 1])
    ask = getattr(model, asked)
    with pytest.raises(ValueError, match=r"weights have shapes .* use model.initialise\(seeds\)"):
        ask([layer[:, :-1] for layer in weights])
    with pytest.raises(TypeError, match=r"weights must be a sequence, got .*initialise\(seeds\)"):
        model.predict(3)
    with pytest.raises(TypeError, match="layer 1 of weights must hold numbers, got 'W'"):
        model.predict(["W"] * len(weights))
    with pytest.raises(TypeError, match="layer 1 of weights is a sparse tensor: pass"):
        model.predict([layer.to_sparse() for layer in weights])
    with pytest.raises(TypeError, match=r"weights are .* bring them together with .to\(model.Y\)"):
        model.predict([layer.to(torch.float16) for layer in weights])


def test_arrays_and_lists_are_weights_and_data():
    data = datasets.sphere(d=3, n=4)
    model = TwoLayerReLU(data.X.numpy(), data.Y.tolist(), 5)
    weights = model.initialise([0, 1])
    oracle = TwoLayerReLU(data.X, data.Y, 5).predict(weights)
    assert torch.equal(model.predict([layer.numpy() for layer in weights]), oracle)
    assert torch.equal(model.predict([layer.tolist() for layer in weights]), oracle)
    assert torch.equal(model.predict(tuple(weights)), oracle)


def test_a_run_that_diverged_can_be_looked_at():
    model = _resnet()
    weights = [torch.full_like(layer, torch.inf) for layer in model.initialise(range(3))]
    assert not bool(torch.isfinite(model.predict(weights)).any())


SELECTIONS = [
    (0, TypeError, r"rows must be a sequence, got 0: give \[0\]"),
    ("01", TypeError, "rows must be a sequence, got '01'"),
    ([0.5], TypeError, "row must be a whole number, got 0.5"),
    ([-1], ValueError, "row must be at least 0, got -1"),
    ([], ValueError, "number of rows must be at least 1, got 0"),
]


@pytest.mark.parametrize(("rows", "kind", "message"), SELECTIONS)
def test_what_selects_no_replica_is_refused(rows, kind, message):
    data = datasets.sphere(d=3, n=4)
    for model in (_resnet(), TwoLayerReLU(data.X, data.Y, 5)):
        with pytest.raises(kind, match=message):
            model.select(rows)
    with pytest.raises(ValueError, match=r"row 3 is not there, the model has replicas 0..2"):
        _resnet().select([0, 3])
    assert torch.equal(_resnet().select(np.array([2, 2])).A[1], _resnet().A[2])


def test_weights_and_seeds_fit_the_replicas_of_the_maps():
    model = _resnet()
    with pytest.raises(ValueError, match=r"got 2 seeds for a model of 3 .*model.select\(rows\)"):
        model.initialise(range(2))
    with pytest.raises(ValueError, match=r"weights of 2 replicas for a model of 3: choose"):
        model.predict([layer[:2] for layer in model.initialise(range(3))])
    for seeds, message in ((3, "seeds must be a sequence, got 3"), ([0.5, 1, 2], "whole number")):
        with pytest.raises(TypeError, match=message):
            model.initialise(seeds)


def test_minibatches_need_a_model_that_knows_them():
    data = datasets.sphere(d=3, n=4)
    model = DeepReLU(data.X, data.Y, [5])
    with pytest.raises(ValueError, match="DeepReLU has no gradient on minibatches: train it"):
        model.batch_factors(model.initialise([0]), torch.ones(1, 4))


def test_spectra_keep_the_digits_that_a_kernel_would_lose():
    # From singular values, which are 1e-10 and 1; from the kernel the least would be rounding.
    model = Quadratic(torch.diag(torch.tensor([1.0, 1e-10], dtype=torch.float64)))
    (spectrum,) = model.spectra(model.initialise([0]))
    assert spectrum.kappa == pytest.approx(1e20, rel=1e-5)


def test_weights_come_back_as_a_list_where_nothing_is_to_be_arranged():
    model = _resnet()
    weights = tuple(model.initialise(range(3)))
    found = model.arrange(weights)
    assert isinstance(found, list)
    assert all(a is b for a, b in zip(found, weights, strict=True))
    assert model.signals == 0


def test_signals_are_what_a_step_keeps_beside_weights():
    # By hand, for n = 4 samples: two numbers a hidden unit and sample, and a third where outer
    # weights train or several outputs share them.
    one, two = datasets.sphere(d=3, n=4), datasets.sphere(d=3, k=2, n=4)
    assert DeepReLU(one.X, one.Y, [5, 6]).signals == 2 * (5 + 6) * 4
    assert TwoLayerReLU(one.X, one.Y, 5).signals == 2 * 5 * 4
    assert TwoLayerReLU(one.X, one.Y, 5, train_output=True).signals == 3 * 5 * 4
    assert TwoLayerReLU(two.X, two.Y, 5).signals == 3 * 5 * 4
