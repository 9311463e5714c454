"""The tuning and the bound that theorems with momentum share, on a spectrum alone."""

from __future__ import annotations

import math

import pytest
import torch

from rootkappa import Quadratic, train
from rootkappa.dynamics import power_norms, spectral_radius
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


ALONE = {
    OrthogonalHeavyBall: ((1 / 4, 1 / 4, 0.0), (8, 3 / 4)),
    ReluHeavyBall: ((1 / 4, 1 / 4, 0.0), (8, 3 / 4)),
    GaussianNesterov: ((1 / 8, 1 / 5, 1 / 5), (24, 1 / 2)),
    ReluNesterov: ((1 / 8, 1 / 5, 1 / 5), (24, 1 / 2)),
}


@pytest.mark.parametrize("kind", ALONE, ids=lambda kind: kind.__name__)
def test_one_eigenvalue_is_the_best_case(kind):
    numbers, rate = ALONE[kind]
    assert kind().tuning(Spectrum(4.0, 4.0)).coefficients(0) == pytest.approx(numbers, rel=1e-14)
    assert kind().rate(Spectrum(4.0, 4.0)) == pytest.approx(rate, rel=1e-14)


@pytest.mark.parametrize("kind", CASES, ids=lambda kind: kind.__name__)
def test_the_rate_leaves_half_of_the_way_to_the_radius_of_the_tuning(kind):
    # On the frozen kernel the factor is 1 - 1/(2 sqrt kappa) or 1 - 2/(3 sqrt kappa) at most.
    bounds = Spectrum(1e-4, 1.0)
    radius = float(spectral_radius(kind().tuning(bounds), bounds).max())
    share = (1 - kind().rate(bounds)[1]) / (1 - radius)
    heavy = kind in (OrthogonalHeavyBall, ReluHeavyBall)
    assert share == pytest.approx(1 / 2 if heavy else 3 / 4, rel=2e-2)


@pytest.mark.parametrize("kind", CASES, ids=lambda kind: kind.__name__)
def test_the_prefactor_is_above_what_the_worst_start_costs(kind):
    # The supremum of powers of the companion matrix, with the theorem's slower rate on top.
    bounds = Spectrum(0.01, 1.0)
    values = torch.logspace(-2, 0, 30, dtype=torch.float64)
    constant, factor = kind().rate(bounds)
    norms = power_norms(kind().tuning(bounds), values, 400, rate=factor)
    assert 1 < float(norms.max()) < constant
