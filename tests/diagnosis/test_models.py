"""A diagnosis of the library's own models against their closed forms."""

from __future__ import annotations

import pytest
import torch

from rootkappa import DeepLinear, DeepReLU, LinearResNet, TwoLayerReLU, datasets, diagnose, train
from rootkappa.diagnosis.models import ModelModule

DATA = datasets.gaussian(d=4, k=2, n=7, kappa=4)
LINE = datasets.sphere(d=4, n=7)
RESNET = LinearResNet.gaussian(DATA.X, DATA.Y, 8, 3, [0])
MODELS = {
    "deep linear": DeepLinear(DATA.X, DATA.Y, 9, 3),
    "resnet": LinearResNet(DATA.X, DATA.Y, RESNET.A, RESNET.B, 3),
    "two-layer": TwoLayerReLU(LINE.X, LINE.Y, 40),
    "deep relu": DeepReLU(LINE.X, LINE.Y, [6, 20]),
}


def _parts(name):
    model = MODELS[name]
    weights = model.initialise([0])
    samples = torch.arange(model.Y.shape[-1])
    labels = model.Y.mT.reshape(len(samples), -1).contiguous()
    return model, weights, ModelModule(model, weights), samples, labels


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("way", ["exact", "krylov"])
def test_the_spectrum_is_that_of_the_closed_form(name, way):
    model, weights, module, samples, labels = _parts(name)
    found = diagnose(module, samples, labels, "squares", spectrum=way)
    (known,) = model.spectra(weights)
    values = known.eigenvalues
    if way == "exact":
        torch.testing.assert_close(found.spectrum.values, values, rtol=1e-10, atol=0)
        assert found.spectrum.kappa == pytest.approx(known.kappa, rel=1e-10)
    assert found.spectrum.lambda_max == pytest.approx(known.lambda_max, rel=1e-10)
    assert found.loss_at_start == pytest.approx(float(model.residual(weights).square().sum()) / 2)


def test_forecast_and_run_are_those_of_the_library():
    model, weights, module, samples, labels = _parts("two-layer")
    found = diagnose(module, samples, labels, "squares", tolerance=1e-2)
    run = train(model, found.forecasts["nesterov"].method, weights, 30)
    seen = found.verify(30, ["nesterov"])["nesterov"]
    losses = (run.residual_norms[0] / run.residual_norms[0, 0]).square()
    torch.testing.assert_close(seen.losses, losses[: len(seen.losses)], rtol=1e-10, atol=0)


def test_one_replica_at_a_time():
    model = MODELS["two-layer"]
    with pytest.raises(ValueError, match="the weights have 2 replicas: give those of one"):
        ModelModule(model, model.initialise([0, 1]))
