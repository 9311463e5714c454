"""What the chapter of proofs measures, against plain loops and closed forms."""

from __future__ import annotations

import math

import pytest
import torch

from rootkappa.evidence import measure, proofs
from rootkappa.optimizers import modular_heavy_ball
from rootkappa.theorems import DeepLinearMomentum, ReluMomentum


def test_the_share_of_the_residual_is_that_of_a_plain_loop():
    # Heavy ball on a drawn network, written out, with C, rho_1 of the theorem.
    model, start = proofs.orthogonal(3, 3)
    budget = DeepLinearMomentum().budget((model, start))
    eta, beta, _ = modular_heavy_ball(model.spectra(start)[0]).coefficients(0)
    w, v, shares = start, [torch.zeros_like(one) for one in start], []
    first = float(model.residual(w).norm())
    for t in range(1, 61):
        v = [beta * b - eta * g for b, g in zip(v, model.gradient(w), strict=True)]
        w = [a + b for a, b in zip(w, v, strict=True)]
        bound = budget.prefactor * budget.responses.rate**t * first
        shares.append(float(model.residual(w).norm()) / bound)
    seen = proofs.proved(DeepLinearMomentum, [(model, start)], 60)
    assert seen.runs[1]["residual"].needed == pytest.approx(max(shares), rel=1e-9)
    assert seen.shares["residual"] == max(run["residual"].needed for run in seen.runs)
    assert seen.spent[1] == budget.spent


@pytest.mark.parametrize("name", ["deep-linear", "linear-resnet", "two-layer-relu"])
def test_the_proof_holds_on_a_draw_and_the_control_fails(name):
    found = measure(f"proofs/{name}", draws=1, first=50)
    assert all(report.holds for draw in found.hypotheses for report in draw)
    for shares in found.measured.values():
        assert len(shares) == 1
        assert max(shares) <= 1
    assert min(found.measured["residual"]) > 0.1  # the bound is not far from what happens
    assert min(found.control.measured["residual"]) > 1
    assert all(not report.holds for one in found.shown["broken"] for report in one.reports)


def test_closed_forms_are_attained_by_gradient_descent_and_need_their_spectrum():
    found = measure("proofs/responses", draws=1, first=50)
    for name in ("start", "kick"):
        assert found.measured[name] == pytest.approx([1.0], rel=1e-6)
    assert min(found.control.measured["kick"]) > 5


def test_draws_are_those_that_the_claims_name():
    model, _ = proofs.orthogonal(4, 10)
    X, Y = model.X, model.Y
    size = float(Y.norm() + X.norm() * math.sqrt(10))
    assert model.scale_width == math.ceil((427 * 16 * size) ** 2 * 3)
    assert model.depth == 10
    wide, _ = proofs.gaussian(4)
    assert wide.scale_width == proofs.orthogonal(4, 3)[0].scale_width
    assert float(wide.spectra(proofs.gaussian(4)[1])[0].kappa) == pytest.approx(4, rel=1e-3)
    resnet, _ = proofs.residual(4, 5)
    data = 427 * 16 * float(resnet.Y.norm() / torch.linalg.matrix_norm(resnet.X, 2))
    assert float(resnet.A.max() * resnet.B.max()) == pytest.approx(data, rel=1e-6)


def test_the_two_layer_network_starts_at_zero_with_small_labels():
    model, start = proofs.two_layers(4)
    assert float(model.Y.norm()) == pytest.approx(0.01)
    # Pairs cancel, and rotated copies are equal, up to the rounding of sums.
    assert float(model.predict(start).abs().max()) < 1e-13
    twice, weights = proofs.two_layers(4, twice=True)
    assert float((twice.X[:, 0] - twice.X[:, -1]).norm()) < 1e-15
    assert [float(twice.Y[0, 0]), float(twice.Y[0, -1])] == [0.01, -0.01]
    assert float(proofs.two_layers(4, 0.5)[0].Y.norm()) == pytest.approx(0.5)
    assert "the kernel of the start is not singular" in ReluMomentum().check((twice, weights)).unmet
