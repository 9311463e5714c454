"""What the library's tests share: where they run, and small problems that run anywhere."""

from __future__ import annotations

import multiprocessing
from multiprocessing import forkserver

import pytest
import torch

import chromium
from rootkappa import (
    AdditiveModel,
    DeepLinear,
    DeepReLU,
    LinearResNet,
    Quadratic,
    TwoLayerReLU,
    datasets,
    devices,
)
from rootkappa.architectures import RotatedReLU

DTYPES = (torch.float64, torch.float32)
PLACES = [
    (device, dtype)
    for device in devices.available()
    for dtype in DTYPES
    if (device, dtype) != ("mps", torch.float64)
]


# Fixtures that start a whole program.
PROGRAMS = {"browser", "on_two_workers", "outcomes", "sphinx"}


def pytest_collection_modifyitems(items):
    """Mark what runs whole programs, so that the unit tests can be run and timed alone."""
    for item in items:
        if PROGRAMS & set(getattr(item, "fixturenames", ())):
            item.add_marker("system")


@pytest.fixture(params=PLACES, ids=lambda place: f"{place[0]}-{str(place[1])[6:]}")
def place(request):
    """Every device of this machine with every dtype it has."""
    return request.param


@pytest.fixture
def rounding(place):
    """A relative error that only rounding explains."""
    return 1e-12 if place[1] == torch.float64 else 2e-5


def _deep_linear(initialisation, depth=3, width=12):
    def make(place):
        data = datasets.gaussian(d=5, k=3, n=9, kappa=9).to(torch.device(place[0]), place[1])
        return DeepLinear(data.X, data.Y, width, depth, initialisation)

    return make


def _linear_resnet(depth, hidden_scale):
    def make(place):
        data = datasets.gaussian(d=5, k=3, n=9, kappa=9).to(torch.device(place[0]), place[1])
        drawn = LinearResNet.gaussian(data.X, data.Y, 12, depth, [7])
        return LinearResNet(data.X, data.Y, drawn.A, drawn.B, depth, hidden_scale=hidden_scale)

    return make


def _quadratic(place):
    features = torch.randn(6, 4, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    return Quadratic(features.to(torch.device(place[0]), place[1]))


def _two_layer_relu(initialisation="gaussian", width=10, k=1, **options):
    def make(place):
        data = datasets.sphere(d=4, k=k, n=6).to(torch.device(place[0]), place[1])
        return TwoLayerReLU(data.X, data.Y, width, initialisation, **options)

    return make


def _deep_relu(k=1, rotated=False):
    def make(place):
        data = datasets.gaussian(d=5, k=k, n=6).to(torch.device(place[0]), place[1])
        model = DeepReLU(data.X, data.Y, [7, 8, 16])
        return RotatedReLU.at(model, model.initialise([5])) if rotated else model

    return make


def _additive(activation):
    def make(place):
        values = torch.tensor([4.0, 3.0, 2.0, 1.0, 1.0], dtype=torch.float64)
        drawn = AdditiveModel.drawn(values, 2.0, d=3, activation=activation)
        parts = (part.to(torch.device(place[0]), place[1]) for part in (drawn.A1, drawn.A2))
        return AdditiveModel(*parts, drawn.Y[:, 0].to(torch.device(place[0]), place[1]), activation)

    return make


def relabel(model, labels):
    """Give a model other labels; a rotated one, its network too."""
    model.Y = labels
    if isinstance(model, RotatedReLU):
        model.network.Y = labels


MODELS = {
    "quadratic": _quadratic,
    "additive relu": _additive("relu"),
    "additive tanh": _additive("tanh"),
    "gaussian L=1": _deep_linear("gaussian", depth=1),
    "gaussian L=3": _deep_linear("gaussian"),
    "orthogonal L=4": _deep_linear("orthogonal", depth=4),
    "resnet L=1": _linear_resnet(depth=1, hidden_scale=0.5),
    "resnet L=4": _linear_resnet(depth=4, hidden_scale=0.5),
    "relu": _two_layer_relu(),
    "relu antisymmetric": _two_layer_relu("antisymmetric"),
    "relu mean-field": _two_layer_relu(scaling="mean-field"),
    "relu k=3": _two_layer_relu(k=3),
    "relu k=2, antisymmetric, trained": _two_layer_relu("antisymmetric", k=2, train_output=True),
    "relu k=2, bu2021": _two_layer_relu("bu2021", k=2, scaling="none", bias=True),
    "relu bu2021": _two_layer_relu("bu2021", scaling="none", bias=True, train_output=True),
    "relu k=2, leaky": _two_layer_relu("bu2021", k=2, bias=True, train_output=True, leak=0.3),
    "deep relu": _deep_relu(k=3),
    "deep relu, rotated": _deep_relu(rotated=True),
}


@pytest.fixture(params=MODELS, ids=str)
def model(request, place):
    """Every architecture, small."""
    return MODELS[request.param](place)


@pytest.fixture(scope="session")
def quick_processes():
    """Let processes start with torch in memory, in milliseconds."""
    if "forkserver" in multiprocessing.get_all_start_methods():
        multiprocessing.set_forkserver_preload(["rootkappa.sweeps.chunk", "distributed"])
        # Now, because whoever uses it first decides what is in memory.
        forkserver.ensure_running()


@pytest.fixture(scope="session")
def browser():
    """Chromium without a window."""
    if chromium.program() is None:
        pytest.skip(chromium.MISSING)
    with chromium.launched() as started:
        yield started
