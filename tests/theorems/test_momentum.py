"""The tuning and the bound that theorems with momentum share, on a spectrum alone."""

from __future__ import annotations

import math

import pytest
import torch

from rootkappa import Quadratic, train
from rootkappa.problems import Spectrum
from rootkappa.theorems import GaussianNesterov, OrthogonalHeavyBall, ReluHeavyBall, ReluNesterov

SPECTRUM = Spectrum(0.5, 32.0)  # sqrt(kappa) = 8
CASES = {
    OrthogonalHeavyBall: ((1 / 32, (15 / 16) ** 2, 0.0), (64, 31 / 32)),
    ReluHeavyBall: ((1 / 32, (15 / 16) ** 2, 0.0), (64, 31 / 32)),
    GaussianNesterov: ((1 / 64, 22 / 26, 22 / 26), (192, 15 / 16)),
    ReluNesterov: ((1 / 64, 22 / 26, 22 / 26), (192, 15 / 16)),
}


@pytest.mark.parametrize("kind", CASES, ids=lambda kind: kind.__name__)
def test_numbers_and_bound_on_a_spectrum(kind):
    numbers, rate = CASES[kind]
    theorem = kind()
    assert theorem.tuning(SPECTRUM).coefficients(0) == pytest.approx(numbers, rel=1e-14)
    assert theorem.rate(SPECTRUM) == pytest.approx(rate, rel=1e-14)


@pytest.mark.parametrize("kind", CASES, ids=lambda kind: kind.__name__)
def test_the_bound_holds_on_every_quadratic_of_the_spectrum(kind):
    theorem = kind()
    values = torch.logspace(math.log10(0.5), math.log10(32), 9, dtype=torch.float64)
    model = Quadratic.with_spectrum(values)
    run = train(model, theorem.tuning(SPECTRUM), model.initialise([0, 1]), 300)
    ratios = theorem.worst_ratio(SPECTRUM, run)
    assert 0 < float(ratios.min()) <= float(ratios.max()) <= 1
