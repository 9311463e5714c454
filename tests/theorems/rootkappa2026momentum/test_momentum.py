"""The numbers of the theorem by hand, its problem, and the induction against an adversary."""

from __future__ import annotations

import math

import pytest
import torch

from rootkappa import DeepLinear
from rootkappa.optimizers import (
    gradient_descent,
    heavy_ball,
    lazy_nesterov,
    modular_heavy_ball,
    nesterov,
)
from rootkappa.problems import Spectrum
from rootkappa.theorems import DeepLinearMomentum
from rootkappa.theorems.rootkappa2026momentum.responses import responses

ONE = torch.ones(1, 1, dtype=torch.float64)


def test_numbers_by_hand():
    # f = abc at a = b = c = 1 with label 0.99: H_0 = 3, xi_0 = 0.01. Gradient descent with 1/4 of
    # 1/3: rho = 3/4, rho_1 = 7/8, C = P = S = 1, G = 1/(7/8 - 3/4) = 8.
    theorem = DeepLinearMomentum(lambda spectrum: gradient_descent(0.25 / spectrum.lambda_max))
    budget = theorem.budget((DeepLinear(ONE, 0.99 * ONE, 1, 3), [ONE[None]] * 3))
    sigma = 1.25 * math.sqrt(3)
    radius = sigma / 12 * 2 * 0.01 * 8
    drift = 2.25 * math.sqrt(3) * 2 * math.exp(radius) * radius
    assert budget.radius == pytest.approx(radius)
    assert budget.step == pytest.approx(sigma / 12 * 2 * 0.01)
    assert budget.drift == pytest.approx(drift)
    assert budget.remainder == pytest.approx(drift / 12)
    assert budget.spent == pytest.approx(16 * drift / 12)
    assert theorem.rate((DeepLinear(ONE, 0.99 * ONE, 1, 3), [ONE[None]] * 3)) == pytest.approx(
        (4, 49 / 64)
    )


def test_the_remainder_of_a_method_with_momentum_by_hand():
    # The same network under Nesterov with eta = 1/6 and beta = gamma = 1/2.
    theorem = DeepLinearMomentum(lambda spectrum: nesterov(0.5 / spectrum.lambda_max, 0.5))
    budget = theorem.budget((DeepLinear(ONE, 0.99 * ONE, 1, 3), [ONE[None]] * 3))
    found = responses(nesterov(1 / 6, 0.5), Spectrum(3.0, 3.0))
    K = 2 * math.exp(budget.radius)
    turned = 0.5 * K * budget.step * 1.25 * math.sqrt(3) * found.steps / found.rate
    kernel = (1.5 + 0.5 / found.rate) * 2.25 * math.sqrt(3) * K * budget.radius
    assert budget.remainder == pytest.approx((kernel + turned) / 6)
    assert budget.radius * (1 - found.rate) == pytest.approx(budget.step * found.path / found.steps)


@pytest.mark.parametrize("tuning", [modular_heavy_ball, lazy_nesterov])
def test_no_kick_within_the_budget_breaks_the_induction(tuning):
    # On every eigenvalue and for every T: kicks of size 2 C theta rho_1^s, 2 theta G = 1, with the
    # signs that push xi_T furthest from 0.
    values = Spectrum.of_values(torch.linspace(0.04, 1, 9).double())
    method = tuning(values)
    found = responses(method, values)
    eta, beta, gamma = method.coefficients(0)
    worst = 0.0
    for value in values.eigenvalues.tolist():
        p, q = 1 + beta - (1 + gamma) * eta * value, beta - gamma * eta * value
        kicks, before, summed = 1.0, 0.0, 0.0
        for t in range(1, 120):
            summed += abs(kicks) / found.rate**t
            kicks, before = p * kicks - q * before, kicks
            start = abs(kicks - beta * before) / found.rate**t
            worst = max(worst, start + found.start / found.kick * summed)
    assert found.start < worst <= 2 * found.start


def test_the_problem_is_a_network_with_one_start(orthogonal):
    model, start = orthogonal()
    theorem = DeepLinearMomentum()
    with pytest.raises(TypeError, match=r"give the pair \(model, weights\)"):
        theorem.check(model)
    with pytest.raises(TypeError, match="takes a DeepLinear here, got float"):
        theorem.check((1.0, start))
    with pytest.raises(ValueError, match="takes one start, got 2 replicas"):
        theorem.check((model, [torch.cat([w, w]) for w in start]))


def test_a_network_whose_sums_diverge_is_refused_by_a_number(orthogonal):
    theorem = DeepLinearMomentum(lambda spectrum: gradient_descent(3 / spectrum.lambda_max))
    report = theorem.check(orthogonal())
    assert set(report.unmet) == {"beta below rho_1, and rho_1 below 1", "2 theta G at most 1"}


def test_the_rate_of_the_loss_is_the_square_of_that_of_the_residual(orthogonal):
    # Of a heavy ball that jumps to -1.2 on the greatest mode, so that C is not 1.
    theorem = DeepLinearMomentum(lambda spectrum: heavy_ball(2.2 / spectrum.lambda_max, 0.5))
    problem = orthogonal()
    found = theorem.budget(problem).responses
    assert found.start == pytest.approx(1.2 * 2 / (1 + math.sqrt(0.5)))
    assert theorem.rate(problem) == pytest.approx((4 * found.start**2, found.rate**2))
    bound = theorem.bound(problem, 3).tolist()
    assert bound == pytest.approx([4 * found.start**2 * found.rate ** (2 * t) for t in range(4)])


def test_a_network_that_never_turns_and_never_decays_is_refused_too():
    # One layer: its kernel is constant, so that theta is 0, and G infinite for a step too large.
    model = DeepLinear(ONE, ONE, 1, 1)
    theorem = DeepLinearMomentum(lambda spectrum: gradient_descent(3 / spectrum.lambda_max))
    line = theorem.check((model, [ONE[None]]))["2 theta G at most 1"]
    assert (line.needed, line.measured, line.holds) == (math.inf, 1.0, False)
    stable = DeepLinearMomentum(lambda spectrum: gradient_descent(0.5 / spectrum.lambda_max))
    assert stable.check((model, [0.5 * ONE[None]])).holds
    assert stable.check((model, [0.5 * ONE[None]]))["2 theta G at most 1"].needed == 0


def test_a_report_along_a_run_names_the_theorem(orthogonal):
    theorem = DeepLinearMomentum()
    report = theorem.along(orthogonal(), 4)
    assert report.theorem == "Root Kappa (2026), Theorem 2, along a run"
    assert [item.name for item in report.hypotheses] == [
        "residual",
        "remainder",
        "kernel",
        "step",
        "ball",
    ]


@pytest.mark.parametrize("tuning", [modular_heavy_ball, lazy_nesterov])
def test_the_tuning_reads_the_kernel_at_the_start(tuning, orthogonal):
    model, start = orthogonal()
    values = torch.linalg.eigvalsh(model.tangent_kernel(start)[0])
    ends = Spectrum(float(values[0]), float(values[-1]))
    found = DeepLinearMomentum(tuning).tuning((model, start))
    assert found.coefficients(0) == pytest.approx(tuning(ends).coefficients(0), rel=1e-9)
    assert DeepLinearMomentum().budget((model, start)).residual == pytest.approx(
        float(model.residual(start).norm())
    )


@pytest.mark.parametrize("method", [heavy_ball(2.2 / 3, 0.5), nesterov(0.5 / 3, 0.8)])
def test_the_radius_and_the_steps_of_a_budget_count_every_sum_of_the_method(method):
    # f = abc at 1 with label 0.9: H_0 = 3 and sigma = 5/4 sqrt 3; R and Q from C, P and S.
    budget = DeepLinearMomentum(lambda spectrum: method).budget(
        (DeepLinear(ONE, 0.9 * ONE, 1, 3), [ONE[None]] * 3)
    )
    found = responses(method, Spectrum(3.0, 3.0))
    reach = 2 * found.start * method.step_size * 1.25 * math.sqrt(3) * 0.1
    assert budget.residual == pytest.approx(0.1)
    assert budget.step == pytest.approx(reach * found.steps)
    assert budget.radius == pytest.approx(reach * found.path / (1 - found.rate))
    assert budget.prefactor == pytest.approx(2 * found.start)


def test_a_singular_kernel_is_told_as_a_fact(orthogonal):
    # The same sample twice: rank 1 of 2.
    X = torch.ones(1, 2, dtype=torch.float64)
    model = DeepLinear(X, torch.tensor([[0.9, 0.9]]).double(), 1, 3)
    report = DeepLinearMomentum().check((model, [ONE[None]] * 3))
    fact = report["the kernel of the start is not singular"]
    assert (fact.needed, fact.measured, fact.slack) == (True, False, 0.0)
    assert DeepLinearMomentum().check(orthogonal())[fact.name].holds
