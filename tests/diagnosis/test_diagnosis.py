"""The whole: what it prints, and what it promises."""

from __future__ import annotations

import json

import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from rootkappa.diagnosis import diagnose
from rootkappa.diagnosis.verdict import Standing
from tests.diagnosis.zoo import FLAT, TARGET, perceptron

LAZY = perceptron(400)


class Scaled(nn.Module):
    """A network whose output is multiplied; its labels are met by the same function."""

    def __init__(self, scale, width=200):
        super().__init__()
        self.inner, self.scale = perceptron(width), scale

    def forward(self, x):
        return self.scale * self.inner(x)


def test_every_kind_of_module_has_a_diagnosis(kind):
    module, inputs = kind
    found = diagnose(module, inputs, TARGET, tolerance=0.1)
    exact = diagnose(module, inputs, TARGET, tolerance=0.1, spectrum="exact")
    for name, forecast in found.forecasts.items():
        assert forecast.steps == pytest.approx(exact.forecasts[name].steps, rel=0.02, abs=1)
    assert found.laziness.drift == pytest.approx(exact.laziness.drift, rel=1e-3, abs=1e-9)
    assert found.laziness.top == pytest.approx(exact.laziness.top, rel=1e-2)
    assert found.spectrum.floor == pytest.approx(exact.spectrum.floor, rel=1e-6, abs=1e-9)


def test_the_report_says_what_was_found():
    found = diagnose(LAZY, FLAT, TARGET)
    lines = str(found).splitlines()
    assert lines[0].startswith("Sequential: 3201 parameters, 12 outputs, loss ")
    assert lines[1].startswith("lambda_max ")
    assert "settled after " in lines[2]
    assert sum(" steps to 0.01, survives lambda_max x 2" in line for line in lines) == 3
    assert lines[-1] == found.verdict
    assert found.standing == Standing.SPEAKS
    assert json.loads(json.dumps(found.to_dict() | {"kappa": 0}))["gain"] == found.gain
    assert found.torch_kwargs("nesterov")["nesterov"]


def test_where_theory_speaks_the_run_follows_its_forecast():
    found = diagnose(LAZY, FLAT, TARGET)
    for name, seen in found.verify(3000).items():
        assert seen.steps == pytest.approx(found.forecasts[name].steps, rel=0.25)
        assert found.gain >= 0.9 * 1


def test_a_larger_output_scale_is_lazier():
    drifts = [diagnose(Scaled(scale), FLAT, TARGET).laziness.drift for scale in (1.0, 10.0)]
    assert drifts[1] < drifts[0] / 3


def test_batches_of_a_loader_are_one_step():
    loader = DataLoader(TensorDataset(FLAT, TARGET), batch_size=5)
    whole, parts = diagnose(LAZY, FLAT, TARGET), diagnose(LAZY, loader)
    assert parts.spectrum.lambda_max == pytest.approx(whole.spectrum.lambda_max)
    assert {n: f.steps for n, f in parts.forecasts.items()} == {
        n: f.steps for n, f in whole.forecasts.items()
    }


def test_cross_entropy_is_forecast_on_the_linearised_network():
    classes = (FLAT[:, 0] > 0).long()
    found = diagnose(perceptron(300, outputs=2), FLAT, classes, "cross_entropy", tolerance=0.5)
    seen = found.verify(500)
    assert found.laziness.drift < 0.5
    for name, run in seen.items():
        assert run.steps == pytest.approx(found.forecasts[name].steps, rel=0.3, abs=2)


def test_a_tolerance_that_is_never_reached_leaves_theory_silent(monkeypatch):
    # Equal samples of two classes: at any step the loss is at least log 2, half of its start.
    monkeypatch.setattr("rootkappa.diagnosis.network._SIMULATED", 500)
    X = FLAT.repeat(2, 1)
    classes = torch.arange(24) // 12
    found = diagnose(perceptron(outputs=2), X, classes, "cross_entropy", tolerance=0.1)
    assert found.laziness is None
    assert found.standing == Standing.SILENT
    assert "does not reach the tolerance" in found.verdict
    assert str(found).count("does not arrive") == 3


def test_the_methods_are_named():
    found = diagnose(perceptron(), FLAT, TARGET)
    for call in (
        found.torch_kwargs,
        lambda name: found.curve(name, 3),
        lambda n: found.verify(3, [n]),
    ):
        with pytest.raises(ValueError, match="unknown method 'adam': choose one of gradient desc"):
            call("adam")
