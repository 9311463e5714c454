"""The responses of the frozen recursion against powers of companion matrices and against runs."""

from __future__ import annotations

import math

import pytest
import torch

from rootkappa import optimizers
from rootkappa.dynamics import companion
from rootkappa.optimizers import Method, triple_momentum, walk
from rootkappa.problems import Spectrum
from rootkappa.theorems.rootkappa2026momentum.responses import responses

EIGENVALUES = Spectrum.of_values(torch.tensor([0.1, 0.35, 0.8, 1.0]).double())
METHODS = [
    optimizers.classical_gradient_descent(EIGENVALUES),
    optimizers.modular_heavy_ball(EIGENVALUES),
    optimizers.lazy_nesterov(EIGENVALUES),
    triple_momentum(EIGENVALUES),
    Method(0.5, 0.1, 0.6),  # beta - gamma + beta gamma is negative
]


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_sums_against_powers_of_the_companion_matrix(method):
    found = responses(method, EIGENVALUES)
    matrices = companion(method, EIGENVALUES.eigenvalues)
    eta, _, gamma = method.coefficients(0)
    first = 1 - eta * (1 + gamma) * EIGENVALUES.eigenvalues
    pair = torch.stack([first, torch.ones_like(first)], dim=1)[:, :, None]  # (xi_1, xi_0)
    kick, start, power = 0.0, 1.0, torch.eye(2).double().expand(4, 2, 2)
    for j in range(2000):
        # A kick enters xi alone; what it has become after j more steps stands in the corner.
        kick += float(power[:, 0, 0].abs().max()) / found.rate ** (j + 1)
        start = max(start, float((power @ pair)[:, 0, 0].abs().max()) / found.rate ** (j + 1))
        power = matrices @ power
    assert found.kick == pytest.approx(kick, rel=1e-8)
    assert found.start == pytest.approx(start, rel=1e-12)
    assert found.radius == pytest.approx(float(torch.linalg.eigvals(matrices).abs().max()))
    assert found.rate == (1 + found.radius) / 2
    assert found.kick >= 1 / (eta * EIGENVALUES.lambda_min)  # which bounds the kernel's drift


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_shares_of_one_gradient_against_a_walk(method):
    found = responses(method, EIGENVALUES)
    pulse = iter([1.0] + [0.0] * 400)
    points = walk(method, lambda w: [torch.full_like(w[0], next(pulse))], [torch.zeros(1)], 400)
    path = torch.stack([now.point[0] for now in points]).flatten().double()
    shares = path.diff().abs() / method.step_size
    assert found.path == pytest.approx(float(shares.sum()), rel=1e-5)
    weighted = shares / found.rate ** torch.arange(400).double()
    assert found.steps == pytest.approx(float(weighted.sum()), rel=1e-5)


# C and G over their closed forms: 1 and 2 kappa; 2/sqrt 3 and 8/sqrt 3 kappa; 3 and 9 kappa.
CLOSED = [
    (optimizers.classical_gradient_descent, 1, 2, 1.0),
    (optimizers.modular_heavy_ball, 2 / math.sqrt(3), 8 / math.sqrt(3), 0.64),
    (optimizers.lazy_nesterov, 3, 9, 0.5),
]


@pytest.mark.parametrize(("tuning", "start", "kick", "least"), CLOSED)
def test_closed_forms_bound_the_sums(tuning, start, kick, least):
    for kappa in (1.001, 1.5, 4.0, 30.0, 100.0):
        values = Spectrum.of_values(torch.linspace(1 / kappa, 1, 40, dtype=torch.float64))
        found = responses(tuning(values), values)
        assert found.start <= start * (1 + 1e-12)
        assert least * kick * kappa * (1 - 1e-8) <= found.kick <= kick * kappa * (1 + 1e-8)


def test_what_does_not_decay_has_infinite_sums():
    slow = responses(optimizers.nesterov(0.9, 0.9), Spectrum(1.0, 1.0))
    unstable = responses(optimizers.gradient_descent(3.0), EIGENVALUES)
    assert not slow.decays
    assert not unstable.decays
    assert slow.kick == unstable.start == torch.inf
    assert responses(METHODS[1], EIGENVALUES).decays


def test_numbers_must_be_constant():
    with pytest.raises(ValueError, match="the responses needs constant numbers"):
        responses(optimizers.nesterov(0.1), EIGENVALUES)


def test_gradient_descent_by_hand():
    # One mode with 1 - eta lambda = 1/2: rho_1 = 3/4, U_j = 2^-j, and the sum of (2/3)^j is 3.
    found = responses(optimizers.gradient_descent(0.5), Spectrum(1.0, 1.0))
    assert (found.radius, found.rate) == (0.5, 0.75)
    assert (found.start, found.steps, found.path) == pytest.approx((1, 1, 1))
    assert found.kick == pytest.approx(3 / 0.75, rel=1e-8)
    # Beyond 1/lambda the residual changes sign at each step, and the sums do not see it.
    over = responses(optimizers.gradient_descent(1.5), Spectrum(1.0, 1.0))
    assert (over.radius, over.kick) == pytest.approx((0.5, 4), rel=1e-8)


def test_shares_of_a_gradient_by_hand():
    # Nesterov with beta = gamma = 1/2: c_0 = 3/2 and c_j = 2^-(j+1) after it, in all 2.
    method = optimizers.nesterov(0.5, 0.5)
    found = responses(method, Spectrum(1.0, 1.0))
    assert found.path == pytest.approx(2)
    rate = (1 + math.sqrt(0.25)) / 2
    assert found.rate == pytest.approx(rate)
    assert found.steps == pytest.approx(1.5 + 0.25 / (rate - 0.5))
    heavy = responses(optimizers.heavy_ball(1.0, 0.25), Spectrum(1.0, 1.0))
    assert heavy.path == pytest.approx(1 / 0.75)


def test_the_slowest_and_the_worst_mode_decide():
    method = optimizers.gradient_descent(1.0)
    alone = [responses(method, Spectrum(x, x)) for x in (0.1, 0.5)]
    both = responses(method, Spectrum(0.1, 0.5))
    assert both.radius == alone[0].radius > alone[1].radius
    assert both.kick == pytest.approx(alone[0].kick)


@pytest.mark.parametrize("scale", [1e-9, 1e9])
@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_units_change_no_sum(method, scale):
    other = Method(method.step_size / scale, method.momentum, method.extrapolation)
    moved = responses(other, Spectrum.of_values(scale * EIGENVALUES.eigenvalues))
    found = responses(method, EIGENVALUES)
    for name in ("radius", "rate", "start", "kick", "steps", "path"):
        assert getattr(moved, name) == pytest.approx(getattr(found, name), rel=1e-7), name


def test_sums_that_need_many_steps_are_not_cut_short():
    # kappa = 300: the responses are summed over more than one block, to the closed form.
    values = Spectrum(1 / 300, 1.0)
    found = responses(optimizers.classical_gradient_descent(values), values)
    # sum_j (rho/rho_1)^j / rho_1 = 1/(rho_1 - rho) = 2/(1 - rho) = 2 kappa.
    assert found.kick == pytest.approx(600, rel=1e-8)
    assert found.start == 1


def test_a_method_on_the_edge_of_stability_does_not_decay():
    still = responses(optimizers.gradient_descent(2.0), Spectrum(0.5, 1.0))
    assert (still.rate, still.decays) == (1, False)
    assert (still.start, still.kick, still.steps) == (math.inf,) * 3
    assert still.path == 1


def test_a_velocity_that_outlives_the_residual_has_infinite_sums():
    # q = 0.05 and p = -0.65: rho = 0.56 and rho_1 = 0.78, below beta = 0.9 and above gamma = 0.5.
    found = responses(Method(1.7, 0.9, 0.5), Spectrum(1.0, 1.0))
    rho = (0.65 + math.sqrt(0.65**2 - 0.2)) / 2
    assert (found.radius, found.rate) == pytest.approx((rho, (1 + rho) / 2))
    assert not found.decays
    assert (found.start, found.kick, found.steps) == (math.inf,) * 3
    # The path is still summed: |c| = 0.9 - 0.5 + 0.45, by the shares of one gradient.
    assert found.path == pytest.approx(1.5 + 0.85 / 0.1)


def test_an_unstable_method_keeps_its_radius_and_its_rate():
    found = responses(optimizers.gradient_descent(3.0), EIGENVALUES)
    assert (found.radius, found.rate) == pytest.approx((2.0, 1.5))
    assert found.method == optimizers.gradient_descent(3.0)
