"""Modules trained as models, against torch.optim.SGD and closed forms."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from rootkappa import DeepLinear, datasets, diagnose, gradient_descent, grid, heavy_ball, train
from rootkappa.diagnosis.network_model import NetworkModel
from rootkappa.optimizers import nesterov
from tests.diagnosis.zoo import FLAT, IMAGES, SERIES, TARGET, Calls

STEPS = 20
METHOD = heavy_ball(0.01, 0.7)


def _networks():
    last = Calls(lambda parts, x: parts[1](parts[0](x)[0][:, -1]), nn.LSTM(6, 4, batch_first=True))
    last.parts.append(nn.Linear(4, 1))
    return {
        "mlp": (nn.Sequential(nn.Linear(6, 7), nn.Tanh(), nn.Linear(7, 1)), FLAT),
        "cnn": (
            nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(32, 1)),
            IMAGES,
        ),
        "batch norm": (nn.Sequential(nn.Linear(6, 5), nn.BatchNorm1d(5), nn.Linear(5, 1)), FLAT),
        "lstm": (last, SERIES),
    }


NETWORKS = {name: (module.double(), X) for name, (module, X) in _networks().items()}
METHODS = {
    "gradient descent": (gradient_descent(0.02), {"momentum": 0.0}),
    "heavy ball": (METHOD, {"momentum": 0.7}),
    "nesterov": (nesterov(0.01, 0.7), {"momentum": 0.7, "nesterov": True}),
}


def _by_sgd(module, X, Y, lr, **options):
    module = copy.deepcopy(module)
    optimizer = torch.optim.SGD(module.parameters(), lr=lr, **options)
    norms = []
    for _ in range(STEPS + 1):
        optimizer.zero_grad()
        gap = module(X) - Y
        norms.append(float(gap.detach().norm()))
        (gap.square().sum() / 2).backward()
        optimizer.step()
    return torch.tensor(norms, dtype=torch.float64)


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("method", METHODS)
def test_runs_are_those_of_sgd(network, method):
    module, X = NETWORKS[network]
    ours, options = METHODS[method]
    model = NetworkModel(module, X, TARGET)
    run = train(model, ours, model.start(), STEPS, progress=False)
    expected = _by_sgd(module, X, TARGET, ours.coefficients(0)[0], **options)
    torch.testing.assert_close(run.residual_norms[0], expected, rtol=1e-10, atol=0)


def test_replicas_side_by_side_are_replicas_alone():
    module, X = NETWORKS["cnn"]
    model = NetworkModel(module, X, TARGET)
    starts = model.initialise([3, 4])
    both = train(model, METHOD, starts, STEPS, progress=False)
    for row in range(2):
        alone = train(model, METHOD, [w[row : row + 1] for w in starts], STEPS)
        torch.testing.assert_close(
            both.residual_norms[row], alone.residual_norms[0], rtol=1e-12, atol=0
        )


def test_a_seed_draws_as_the_module_does():
    module, X = NETWORKS["mlp"]
    model, again = (NetworkModel(module, X, TARGET) for _ in range(2))
    one, other = model.initialise([0, 1]), again.initialise([1])
    assert all(torch.equal(a[1:], b) for a, b in zip(one, other, strict=True))
    assert all(torch.any(w[0] != w[1]) for w in one)
    bound = module[0].in_features ** -0.5  # torch's own
    assert bound / 2 < float(one[0].abs().max()) <= bound
    for ours, own in zip(model.start(), module.parameters(), strict=True):
        assert torch.equal(ours.flatten(), own.detach().flatten())


def test_the_jacobian_and_the_kernel_are_those_of_automatic_differentiation():
    module = nn.Sequential(nn.Linear(6, 4), nn.GELU(), nn.Linear(4, 2)).double()
    model = NetworkModel(module, FLAT, FLAT[:, :2])
    start = model.start()
    sizes = [len(layer[0]) for layer in start]
    flat = torch.cat([layer.flatten() for layer in start])

    def stacked(values):
        columns = [part.reshape(1, -1, 1) for part in values.split(sizes)]
        return model.predict(columns)[0].mT.flatten()

    J = torch.autograd.functional.jacobian(stacked, flat)
    torch.testing.assert_close(model.jacobian(start)[0], J)
    torch.testing.assert_close(model.tangent_kernel(start)[0], J @ J.mT)
    found = diagnose(module, FLAT, FLAT[:, :2], "squares", spectrum="exact")
    (known,) = model.spectra(start)
    assert known.lambda_max == pytest.approx(found.spectrum.lambda_max, rel=1e-10)


def test_a_linear_network_trains_as_the_library_s_own():
    data = datasets.gaussian(d=4, k=2, n=7, kappa=4)
    known = DeepLinear(data.X, data.Y, 9, 2)
    layers = [nn.Linear(a, b, bias=False) for a, b in ((4, 9), (9, 2))]
    scale = (9 * 2) ** 0.5
    module = Calls(lambda parts, x: parts[1](parts[0](x)) / scale, *layers).double()
    model = NetworkModel(module, data.X.mT.contiguous(), data.Y.mT.contiguous())
    weights = known.initialise([0])
    columns = [layer.reshape(1, -1, 1) for layer in weights]
    runs = [train(known, METHOD, weights, STEPS), train(model, METHOD, columns, STEPS)]
    for name in ("residual_norms", "lag2"):
        ours, theirs = (getattr(run, name) for run in runs)
        torch.testing.assert_close(ours, theirs, rtol=1e-11, atol=0, equal_nan=True)


def test_a_grid_takes_a_module():
    module, X = NETWORKS["mlp"]
    model = NetworkModel(module, X, TARGET)
    methods = {name: method for name, (method, _) in METHODS.items()}
    run = grid(model, method=methods, seed=range(2)).train(STEPS)
    assert run.residual_norms.shape == (6, STEPS + 1)


def test_parameters_that_no_seed_draws_are_named():
    class Scaled(nn.Module):
        def __init__(self):
            super().__init__()
            self.gate = nn.Parameter(torch.ones(6, dtype=torch.float64))

        def forward(self, x):
            return (self.gate * x).sum(-1, keepdim=True)

    model = NetworkModel(nn.Sequential(Scaled()), FLAT, TARGET)
    with pytest.raises(ValueError, match=r"'0\.gate' belongs to a module without .*of start\(\)"):
        model.initialise([0])


def test_labels_that_would_broadcast_are_refused():
    module, X = NETWORKS["mlp"]
    with pytest.raises(ValueError, match=r"outputs have shape \(12, 1\) and Y \(12,\)"):
        NetworkModel(module, X, TARGET[:, 0])


def test_replicas_that_memory_does_not_hold_together_are_taken_one_by_one(monkeypatch):
    module, X = NETWORKS["mlp"]
    model = NetworkModel(module, X, TARGET)
    weights = model.initialise([0, 1])
    expected = [model.predict(weights), *model.gradient(weights)]

    def refuse(*_):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(torch.func, "vmap", lambda task: refuse)
    again = NetworkModel(module, X, TARGET)
    found = [again.predict(weights), *again.gradient(weights)]
    for one, other in zip(expected, found, strict=True):
        torch.testing.assert_close(one, other)
