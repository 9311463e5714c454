"""What the chapter on additive models measures, against plain loops, by hand, and mistakes."""

from __future__ import annotations

import math
from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from rootkappa import ledger
from rootkappa.evidence import additive_models, measure
from rootkappa.evidence.additive_models import inversion, quotients, rate, saw_teeth, trials
from rootkappa.theorems import PartitionNesterov
from rootkappa.theorems.liao2024provable.parameters import Parameters

CHEAP = ("constants", "exact-rate")
DRAWN = ("lemmas", "lyapunov", "theorems", "threshold")


CLAIMS = ledger.open_chapter("additive-models").claims


@cache
def _alone(claim):
    return measure(f"additive-models/{claim}", draws=1, first=5)


def _outside(claim, values):
    accept = CLAIMS[f"additive-models/{claim}"].accept
    rows = [
        [not accept[name][0] <= value <= accept[name][1] for value in found]
        for name, found in values.items()
        if isinstance(found, list)
    ]
    return [any(draw) for draw in zip(*rows, strict=True)]


@pytest.mark.parametrize("claim", CHEAP)
def test_draws_do_not_depend_on_each_other(claim):
    both = measure(f"additive-models/{claim}", draws=2, first=4).measured
    alone = _alone(claim).measured
    for quantity, values in both.items():
        if isinstance(values, list):
            assert values[1] == pytest.approx(alone[quantity][0], rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("claim", CHEAP + DRAWN)
def test_a_draw_holds_and_its_control_fails(claim):
    found = _alone(claim)
    assert _outside(claim, found.measured) == [False]
    assert _outside(claim, found.control.measured) == [True]


@pytest.mark.parametrize("claim", ["exact-rate", "certificate"])
def test_what_is_measured_once_lies_inside_too(claim):
    accept = CLAIMS[f"additive-models/{claim}"].accept
    once = {name: x for name, x in _alone(claim).measured.items() if isinstance(x, float)}
    assert once
    for name, value in once.items():
        assert accept[name][0] <= value <= accept[name][1], name


@pytest.mark.parametrize("kappa", [20.0, 3000.0])
@pytest.mark.parametrize("c", [0.1, 1.0])
def test_exact_rates_against_an_eigenvalue_solver(kappa, c):
    numbers = Parameters(1.0, kappa, c)
    exact = rate.largest_factor(rate.theirs(numbers), kappa)
    told = math.log(1 - c / (4 * math.sqrt(kappa)))
    assert rate.pessimistic(kappa, c) == pytest.approx(math.log(exact) / told, rel=1e-6)
    classical = rate.classical(numbers)
    assert classical.step_size == pytest.approx(c / kappa)
    q = math.sqrt(c / kappa)
    assert classical.momentum == pytest.approx((1 - q) / (1 + q))
    # At c = 1 the classical momentum is that of the double root, (1 - q)^2 for the loss.
    assert rate.largest_factor(classical, kappa) == pytest.approx((1 - q) ** 2, rel=1e-5)


@pytest.mark.parametrize("seed", range(3))
def test_a_draw_has_the_numbers_that_are_told(seed):
    draw = additive_models.drawn(seed, (0.01, 3.0))
    values = np.linalg.svd(draw.model.A1.numpy(), compute_uv=False)
    assert values[-1] == pytest.approx(1)
    assert values[0] ** 2 == pytest.approx(draw.told.kappa)
    assert 20 <= draw.told.kappa <= 100
    assert np.linalg.norm(draw.model.A2.numpy(), 2) == pytest.approx(draw.strength)
    low = additive_models.drawn(seed, (0.01, 3.0), least=0.1)
    assert np.linalg.svd(low.model.A1.numpy(), compute_uv=False)[-1] ** 2 == pytest.approx(0.1)
    assert low.told == draw.told


def test_another_shift_is_another_draw(monkeypatch):
    before = additive_models.drawn(0).told.kappa
    monkeypatch.setenv("ROOTKAPPA_SHIFT", "3")
    assert additive_models.drawn(0).told.kappa != before


def test_quotients_against_singular_values():
    # The largest quotients of a ReLU model by hand, at the pairs that attain them.
    draw = additive_models.drawn(1, activation="relu")
    A1, A2 = draw.model.A1.numpy(), draw.model.A2.numpy()
    found = quotients.quotients(draw, 1)
    assert found["h"] == pytest.approx(np.linalg.norm(A2, 2) / draw.told.G1, rel=1e-9)
    along = np.linalg.norm(A1.T @ A2, 2) / draw.told.G2
    assert found["gradient"] == pytest.approx(along, rel=1e-9)
    assert [found[name] for name in ("mu", "L1", "L2")] == pytest.approx([1, 1, 1], rel=1e-9)


def test_the_trace_of_a_draw_is_a_plain_loop():
    draw = additive_models.drawn(2, (0.3, 0.3), activation="relu")
    trace = additive_models.follow(draw, 1.0)
    A1, A2, b = (matrix.numpy() for matrix in (draw.model.A1, draw.model.A2, draw.model.Y))
    x, u = (layer[0].numpy() for layer in draw.start)
    x_before, u_before, kappa = x, u, draw.told.kappa
    beta = (4 * math.sqrt(kappa) - 1) / (4 * math.sqrt(kappa) + 7)
    for k in range(40):
        loss = np.sum((A1 @ x + np.maximum(A2 @ u, 0) - b) ** 2) / 2
        assert float(trace.loss[0, k]) == pytest.approx(loss, rel=1e-9)
        y, v = x + beta * (x - x_before), u + beta * (u - u_before)
        inner = A2 @ v
        residual = A1 @ y + np.maximum(inner, 0) - b
        x_before, u_before = x, u
        x, u = y - A1.T @ residual / kappa, v - A2.T @ ((inner > 0) * residual) / kappa


def test_the_certificate_ends_where_its_largest_strength_says():
    found = _alone("certificate")
    assert found.measured["exceptions"] == 0
    for kappa, strength in found.shown["largest"].items():
        assert PartitionNesterov().largest_perturbation(kappa) == strength
    assert found.control.measured["prefactor_largest"] == 0


def _by_hand(t, weights, beta):
    # Losses of two modes in plain loops, and the first squared step of x at eta = 1/2.
    losses = {"gd": np.zeros(101), "nag": np.zeros(101)}
    for at, weight in zip(t, weights, strict=True):
        for name, momentum in (("gd", 0.0), ("nag", beta)):
            before = now = 1.0
            for k in range(101):
                losses[name][k] += weight * now**2
                ahead = now + momentum * (now - before)
                before, now = now, ahead - at * ahead
    curves = {name: torch.from_numpy(curve) for name, curve in losses.items()}
    first = sum(2 * 0.5 * weight * at for at, weight in zip(t, weights, strict=True))
    return curves | {"dx": torch.tensor([first])}


def test_an_inversion_finds_a_spectrum_made_by_hand():
    t = np.geomspace(1 / 16, 0.6, 200)
    beta = (4 - 0.25) / (4 + 7 * 0.25)
    found = inversion.invert(_by_hand(t, np.ones(200), beta))
    assert found["beta"] == pytest.approx(beta, abs=1e-5)
    assert found["kappa_over_c"] == pytest.approx(16, rel=1e-3)
    assert found["agreement"] == pytest.approx(1, abs=0.05)
    assert found["eta"] == pytest.approx(0.5, rel=1e-3)
    assert 0.5 < found["c"] < 0.62


def test_trials_side_by_side_are_the_models():
    drawn = [additive_models.drawn(seed, (0.5, 0.5), activation="relu") for seed in (0, 1)]
    stack = trials.Trials(drawn)
    for place, trial in enumerate(drawn):
        for ours, theirs in zip(
            stack.gradient(stack.start), trial.model.gradient(trial.start), strict=True
        ):
            assert torch.allclose(ours[place], theirs[0], rtol=1e-12, atol=1e-12)


def test_the_factor_at_the_threshold_by_hand():
    # At G1 = sqrt(mu) the polynomial is (z - 1)(z - beta); beside it a larger slope is slower.
    for method in saw_teeth.tunings(50.0).values():
        below, at, above = (saw_teeth.predicted_factor(method, 50.0, g) for g in saw_teeth.SLOPES)
        assert at == pytest.approx(1)
        assert below < at < above
    gradient = saw_teeth.tunings(50.0)["gradient descent"]
    assert saw_teeth.predicted_factor(gradient, 50.0, 0.9) == pytest.approx((1 - 0.19 / 50) ** 2)


def test_a_larger_step_exceeds_the_bound_of_gradient_descent(monkeypatch):
    assert saw_teeth._excess_of_teeth(0) == saw_teeth._excess_of_networks(0) == 0
    tunings = saw_teeth.tunings

    def mistaken(kappa):
        return {
            name: saw_teeth.PartitionNesterov(1.0).tuning(
                saw_teeth.PartitionConstants.additive(1, math.sqrt(kappa), 0)
            )
            for name in tunings(kappa)
        }

    monkeypatch.setattr(saw_teeth, "tunings", mistaken)
    assert saw_teeth._excess_of_teeth(0) > 1e-3


def test_an_excess_is_the_largest_ratio_over_its_bound_above_rounding():
    norms = torch.tensor([[1.0, 0.5, 0.3, 1e-9, 1.0e-9], [4.0, 2.0, 1.0, 0.5, 0.25]]).double()
    bound = torch.tensor([0.5, 0.5]).double()
    assert saw_teeth._excess(norms, bound) == pytest.approx(0.2)
    assert saw_teeth._excess(norms[1:], bound[1:]) == 0.0


def test_complex_roots_have_no_factor_to_read():
    # Without a saw-tooth the slowest mode of Nesterov's method is under-damped.
    method = saw_teeth.tunings(50.0)["nesterov"]
    assert math.isnan(saw_teeth.predicted_factor(method, 50.0, 0.0))


def test_condition_numbers_are_drawn_between_20_and_100():
    found = [saw_teeth.kappa_of(seed) for seed in range(20)]
    assert 20 <= min(found) < 30 < 70 < max(found) <= 100


def test_a_networks_excess_is_told_over_one_minus_mu_minus_g1_squared(monkeypatch):
    # Norms that fall a hundredth more slowly than gradient descent's bound for this draw.
    draw = additive_models.drawn(0, (0.1, 1.0))
    factor = 1.01 * (1 - (1 - draw.strength**2) / draw.told.L1)

    class Planted:
        def train(self, steps):
            assert steps == int(2 * draw.told.kappa)
            return SimpleNamespace(residual_norms=factor ** torch.arange(20.0)[None].double())

    monkeypatch.setattr(saw_teeth, "grid", lambda problem, method: Planted())
    assert saw_teeth._excess_of_networks(0) == pytest.approx(0.01)
