"""What the chapter on quadratics measures, against exact fractions, plain loops and mistakes."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
import torch

from rootkappa import dynamics, ledger
from rootkappa.evidence import measure, quadratics
from rootkappa.evidence.quadratics import counts, cycle
from rootkappa.evidence.quadratics.powers import _powers
from rootkappa.evidence.quadratics.pytorch import _Network
from rootkappa.evidence.quadratics.spectra import drawn, even, trained
from rootkappa.optimizers import heavy_ball, nesterov, optimal_heavy_ball
from rootkappa.problems import Spectrum

DRAWN = (
    "gd-radius",
    "hb-radius-flat",
    "nag-radius",
    "hb-power-constant",
    "nag-power-constant",
    "prefactor-of-the-real-start",
    "step-counts",
)


@pytest.mark.parametrize("seed", range(5))
def test_a_drawn_spectrum_has_its_ends(seed):
    spectrum = drawn(seed, 4.0, 64.0)
    assert 4 <= spectrum.kappa <= 64
    assert spectrum.lambda_max == 1.0
    assert drawn(seed, 100.0, 100.0).kappa == pytest.approx(100)


def test_another_shift_is_another_draw(monkeypatch):
    before = drawn(0, 4.0, 64.0).kappa
    monkeypatch.setenv("ROOTKAPPA_SHIFT", "3")
    assert drawn(0, 4.0, 64.0).kappa != before


def test_the_radius_is_that_of_the_roots():
    method, spectrum = nesterov(0.5, 0.8), Spectrum.of_values([0.01, 0.3, 1.0])
    for value, found in zip(spectrum.eigenvalues, quadratics.radius(method, spectrum), strict=True):
        roots = np.roots([1.0, -1.8 * (1 - 0.5 * float(value)), 0.8 * (1 - 0.5 * float(value))])
        assert float(found) == pytest.approx(abs(roots).max(), rel=1e-12)


def test_a_trained_run_is_a_plain_loop():
    run, spectrum = trained(3, quadratics.TUNINGS["nesterov"])
    method, kernel = run.methods[0], run.model.tangent_kernel(run.start)[0].numpy()
    assert np.linalg.eigvalsh(kernel) == pytest.approx(spectrum.eigenvalues.numpy(), abs=1e-12)
    before = now = run.residuals[0, 0].numpy()
    beta = method.momentum
    for t in range(40):
        ahead = now + beta * (now - before)
        assert run.residuals[0, t].numpy() == pytest.approx(ahead, abs=1e-12)
        before, now = now, now + beta * (now - before) - method.step_size * kernel @ ahead


@pytest.mark.parametrize("name", DRAWN)
def test_a_draw_does_not_depend_on_the_others(name):
    both = measure(f"quadratics/{name}", draws=2, first=4).measured
    alone = measure(f"quadratics/{name}", draws=1, first=5).measured
    for quantity, values in both.items():
        if isinstance(values, list):
            assert values[1] == pytest.approx(alone[quantity][0], rel=1e-12, abs=1e-15)


def test_a_mistaken_radius_is_seen(monkeypatch):
    right = quadratics.gd_radius(range(2)).measured["deviation"]

    def mistaken(method, spectrum):
        companion = dynamics.companion(method, spectrum) * 1.001
        return torch.linalg.eigvals(companion).abs().amax(-1)

    monkeypatch.setattr("rootkappa.evidence.quadratics.radii.radius", mistaken)
    assert max(right) < 1e-12 < 1e-6 < min(quadratics.gd_radius(range(2)).measured["deviation"])


def test_the_powers_against_plain_multiplication():
    tuning, spectrum = quadratics.TUNINGS["heavy ball"], Spectrum.of_values([1 / 16, 0.2, 1.0])
    method, largest = tuning(spectrum), 0.0
    for value in spectrum.eigenvalues.tolist():
        step = np.array([[1 + method.momentum - value, -method.momentum], [1.0, 0.0]])
        power = np.eye(2)
        for k in range(131):
            largest = max(largest, np.linalg.norm(power, 2) / (1 - 0.5 / 4) ** k)
            power = step @ power
    assert _powers(tuning, spectrum, 1.0).supremum == pytest.approx(largest, rel=1e-9)


def test_the_cycle_is_that_of_exact_fractions():
    x = [Fraction(5184, 2450), Fraction(3168, 4900), Fraction(-8832, 4900)]
    slopes = [25 * x[0] - 24, 25 * x[1], 25 * x[2]]
    for k in range(3):
        step = Fraction(4, 9) * (x[k] - x[k - 1]) - slopes[k] / 9
        assert x[(k + 1) % 3] == x[k] + step
    end = quadratics.corners(quadratics.visit(optimal_heavy_ball(1, 25)))
    assert end.tolist() == pytest.approx([float(value) for value in x], abs=1e-12)
    assert [f"{value:.4f}" for value in end.tolist()] == ["2.1159", "0.6465", "-1.8024"]


def test_a_run_on_the_quadratic_does_not_cycle():
    evidence = measure("quadratics/heavy-ball-cycle")
    assert evidence.measured["deviation"] < 1e-12
    assert evidence.control.measured["deviation"] > 1


def test_the_gradient_by_hand_is_that_of_automatic_differentiation():
    network = _Network([0, 1])
    layers = [layer.clone().requires_grad_() for layer in network.start]
    hidden = torch.relu(torch.einsum("rni,rmi->rnm", network.X, layers[0]))
    outputs = torch.einsum("rnm,rom->rno", hidden, layers[1])
    loss = (outputs - network.Y).square().sum() / 2
    for ours, theirs in zip(
        network.gradient(network.start), torch.autograd.grad(loss, layers), strict=True
    ):
        assert torch.allclose(ours, theirs, rtol=0, atol=1e-12)


def test_torch_is_matched_and_a_wrong_gradient_is_seen():
    network = _Network([0, 1])
    assert float(network.differences(heavy_ball(0.003, 0.9), 30).max()) < 1e-12
    network.gradient = lambda layers: [1.01 * slope for slope in _Network([0, 1]).gradient(layers)]
    assert float(network.differences(heavy_ball(0.003, 0.9), 30).min()) > 1e-6


def test_every_claim_settles_itself(tmp_path):
    found = quadratics.heavy_ball_cycle()
    book = ledger.open_chapter("quadratics")
    assert found.settle(book).verdict == "tight"
    assert math.isclose(float(found.shown["cycle"][0]), 5184 / 2450)


@pytest.mark.parametrize(
    ("x", "slope"), [(-1.0, -25), (0.5, 12.5), (1.0, 25), (1.5, 25.5), (2.0, 26), (3.0, 51)]
)
def test_the_slope_of_the_function_that_cycles(x, slope):
    assert float(cycle.lessard_slope(torch.tensor(x))) == slope


def test_corners_begin_with_the_largest_and_a_period_is_three_steps():
    points = torch.tensor([2.0, 0.5, -1.0] * 20).double()
    for turn in range(3):
        assert cycle.corners(points[: 60 - turn]).tolist() == [2.0, 0.5, -1.0]
    assert cycle.period_error(points) == 0.0
    points[-1] += 0.25
    assert cycle.period_error(points) == 0.25
    assert cycle.period_error(torch.arange(60.0)) == 3.0


@pytest.mark.parametrize(("kappa", "modes"), [(100.0, 5), (1.0, 3), (1e6, 60)])
def test_an_even_spectrum_reaches_from_one_over_kappa_to_one(kappa, modes):
    values = even(kappa, modes).eigenvalues.numpy()
    assert (values[0], values[-1]) == pytest.approx((1 / kappa, 1.0))
    assert np.diff(np.log(values)) == pytest.approx(math.log(kappa) / (modes - 1))


def test_exponents_of_counts_by_hand():
    kappas = (1e2, 4e2, 2e3, 1e4)
    counted = {"heavy ball": [[math.ceil(9000 * kappa**0.5) for kappa in kappas]] * 2}
    found = counts._exponents(counted)
    assert found == {"heavy_ball": [pytest.approx(0.5, abs=1e-5)] * 2}
