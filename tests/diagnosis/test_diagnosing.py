"""What a diagnosis warns of, and what it refuses."""

from __future__ import annotations

import math
import warnings

import pytest
import torch
from torch import nn

from rootkappa.diagnosis import DiagnosisWarning, diagnose
from tests.diagnosis.zoo import FLAT, TARGET, ZOO, perceptron


def test_single_precision_agrees_and_warns_beyond_what_it_carries():
    single = perceptron(400).float()
    found = diagnose(single, FLAT.float(), TARGET.float())
    wanted = diagnose(perceptron(400), FLAT, TARGET)
    assert found.spectrum.lambda_max == pytest.approx(wanted.spectrum.lambda_max, rel=1e-4)
    steep = torch.logspace(0, -4, 6) * FLAT.float()
    labels = steep @ (1 / torch.logspace(0, -4, 6)).unsqueeze(1)
    with pytest.warns(
        DiagnosisWarning, match="float32 does not carry them, with .* use module.double"
    ):
        diagnose(nn.Linear(6, 1, bias=False), steep, labels)


def test_forecasts_that_have_not_settled_are_said(monkeypatch):
    monkeypatch.setattr("rootkappa.diagnosis.diagnosing._PRODUCTS", 3)
    with pytest.warns(DiagnosisWarning, match="have not settled after 3 products"):
        found = diagnose(perceptron(), FLAT, TARGET)
    assert "NOT settled after 3 products" in str(found)


CASES = {
    "tolerance": ({"tolerance": 2.0}, ValueError, "tolerance must lie strictly between 0 and 1"),
    "spectrum": ({"spectrum": "all"}, ValueError, "unknown spectrum 'all': choose one of exact"),
    "memory": ({"memory": -1}, ValueError, "memory must be a finite number above 0"),
    "small": (
        {"memory": 100, "spectrum": "exact"},
        ValueError,
        r"kernel of 12 outputs takes 5.8e-06 GB, .* use spectrum='krylov', fewer samples",
    ),
    "headroom": ({"headroom": 0.5}, ValueError, "headroom must be finite and at least 1"),
    "nan headroom": ({"headroom": math.nan}, ValueError, "headroom must be finite"),
}


@pytest.mark.parametrize("case", CASES)
def test_arguments_out_of_range(case):
    options, error, message = CASES[case]
    with pytest.raises(error, match=message):
        diagnose(perceptron(), FLAT, TARGET, **options)


MISFITS = {
    "no labels": ((FLAT,), TypeError, "Y is missing: give the labels"),
    "array": ((FLAT.numpy(), TARGET), TypeError, "X must be a tensor, or an iterable of pairs"),
    "other length": ((FLAT, TARGET[:5]), ValueError, "X has 12 samples and Y has shape"),
    "no pairs": (([FLAT],), TypeError, r"must be pairs \(X, Y\)"),
    "no batch": (([],), TypeError, "at least one: check the data loader"),
}


@pytest.mark.parametrize("case", MISFITS)
def test_data_that_do_not_fit(case):
    data, error, message = MISFITS[case]
    with pytest.raises(error, match=message):
        diagnose(perceptron(), *data)


def test_a_network_that_fits_already_has_nothing_to_learn():
    module = perceptron()
    with pytest.raises(ValueError, match="the residual is zero: the network fits its labels"):
        diagnose(module, FLAT, module(FLAT).detach())


def test_a_network_that_cannot_learn_is_named():
    class Deaf(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = perceptron()

        def forward(self, x):
            return 0 * self.inner(x)

    with pytest.raises(ValueError, match="the kernel is zero along the residual"):
        diagnose(Deaf(), FLAT, TARGET)


def test_batches_that_see_each_other_are_no_sum():
    make, _ = ZOO["batch norm"]
    pairs = [(FLAT[:6], TARGET[:6]), (FLAT[6:], TARGET[6:])]
    with pytest.raises(ValueError, match="samples of a batch see each other"):
        diagnose(make().double(), pairs)


def test_nothing_of_torch_is_heard():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        diagnose(ZOO["bilinear"][0]().double(), FLAT, TARGET, spectrum="exact")
