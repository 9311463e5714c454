"""Roots of a mode in closed form against NumPy's eigenvalues and a plain recursion."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rootkappa.dynamics import _modes
from rootkappa.optimizers import Method, nesterov

MOMENTA = [0.0, 0.3, 0.9, 0.999]
EXTRAPOLATIONS = [0.0, 0.3, 0.999, 1.0, 1.09, 2.0, 10.0]


@pytest.fixture(params=EXTRAPOLATIONS)
def gamma(request):
    return request.param


@pytest.fixture(params=MOMENTA)
def beta(request):
    return request.param


def _roots(beta, gamma, y):
    """All pairs of roots by NumPy, the larger modulus first."""
    p, q = 1 + beta - (1 + gamma) * y, beta - gamma * y
    pairs = np.array([np.linalg.eigvals([[a, -b], [1, 0]]) for a, b in zip(p, q, strict=True)])
    return np.take_along_axis(pairs, np.argsort(-abs(pairs), 1), 1)


def test_radius_and_oscillation_are_those_of_the_eigenvalues(beta, gamma):
    y = np.geomspace(1e-6, 4, 101)
    solved = _modes.modes(Method(1.0, beta, gamma), torch.as_tensor(y), "a test")
    roots = _roots(beta, gamma, y)
    np.testing.assert_allclose(solved.radius, abs(roots[:, 0]), rtol=0, atol=1e-7)
    np.testing.assert_allclose(solved.log_radius.exp(), solved.radius, rtol=1e-12)
    imaginary = abs(roots[:, 0].imag)
    assert solved.oscillatory[torch.as_tensor(imaginary > 1e-6)].all()
    assert not solved.oscillatory[torch.as_tensor(imaginary == 0)].any()


def test_double_roots_are_where_the_discriminant_vanishes(beta, gamma):
    low, high = _modes.double_roots(beta, gamma)
    # (1 + gamma)^2 y^2 - 2 (1 + c) y + (1 - beta)^2, by its coefficients.
    c = beta - gamma + beta * gamma
    roots = np.roots([(1 + gamma) ** 2, -2 * (1 + c), (1 - beta) ** 2])
    if c < 0:
        assert abs(roots.imag).min() > 0 or roots.real.max() <= 0
        assert low == high
    else:
        np.testing.assert_allclose(sorted(roots.real), [low, high], rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("recursion", [False, True])
def test_responses_follow_the_recursion(beta, gamma, recursion):
    y = torch.linspace(0, (2 + 2 * beta) / (1 + 2 * gamma), 9, dtype=torch.float64)
    solved = _modes.modes(Method(1.0, beta, gamma), y.unsqueeze(-1), "a test")
    found = solved.responses(torch.arange(120).double(), 0.0, recursion)
    p, q = 1 + beta - (1 + gamma) * y, beta - gamma * y
    before, now = torch.ones_like(y), 1 - (1 if recursion else 1 + gamma) * y
    assert found[:, 0].tolist() == [1] * 9
    for t in range(1, 120):
        torch.testing.assert_close(found[:, t], now, rtol=1e-9, atol=1e-12)
        before, now = now, p * now - q * before


@pytest.mark.parametrize("t", [0, 1, 2, 7])
def test_scaled_powers_are_symmetric_functions_of_the_roots(beta, gamma, t):
    y = np.linspace(0.011, 1.51, 7)
    solved = _modes.modes(Method(1.0, beta, gamma), torch.as_tensor(y), "a test")
    even, odd = solved.scaled_powers(torch.tensor(float(t)))
    z = _roots(beta, gamma, y).astype(complex)
    r = abs(z[:, 0])
    np.testing.assert_allclose(even, ((z**t).sum(1) / 2).real / r**t, atol=1e-9)
    if t > 0:
        quotient = sum(z[:, 0] ** k * z[:, 1] ** (t - 1 - k) for k in range(t)).real
        np.testing.assert_allclose(odd, quotient / r ** (t - 1), atol=1e-9)


def test_the_radius_zero_and_the_mode_without_curvature():
    solved = _modes.modes(Method(1.0), torch.tensor([0.0, 1.0]).double(), "a test")
    assert solved.radius.tolist() == [1, 0]
    assert solved.responses(torch.tensor(3.0), 0.0, recursion=False).tolist() == [1, 0]
    assert solved.responses(torch.tensor(0.0), 0.0, recursion=False).tolist() == [1, 1]


def test_one_refusal_names_the_purpose(changing):
    method, why = changing
    with pytest.raises(ValueError, match=rf"^a test needs constant .* has a {why}: give it a fix"):
        _modes.constants(method, "a test")


@pytest.mark.parametrize("stranger", [None, "gd", torch.optim.SGD([torch.ones(1)], lr=0.1), Method])
def test_strangers_are_refused(stranger):
    with pytest.raises(TypeError, match=r"method must be a Method, got .*: give heavy_ball\("):
        _modes.constants(stranger, "a test")
    assert _modes.constants(nesterov(0.1, 0.5), "a test") == (0.1, 0.5, 0.5)


@pytest.mark.parametrize("log_scale", [-0.3, 0.0, 0.7])
def test_a_factor_a_step_is_divided_out(beta, gamma, log_scale):
    y, t = torch.linspace(0.05, 1.2, 5, dtype=torch.float64).unsqueeze(-1), torch.arange(30.0)
    solved = _modes.modes(Method(1.0, beta, gamma), y, "a test")
    for recursion in (False, True):
        plain = solved.responses(t.double(), 0.0, recursion)
        scaled = solved.responses(t.double(), log_scale, recursion)
        torch.testing.assert_close(scaled, plain * torch.exp(-log_scale * t.double()))


def test_far_powers_are_told_by_their_share_of_the_radius():
    # The radius is 0.9: at t = 10^5 its power is far below the least number.
    solved = _modes.modes(Method(1.0, 0.81), torch.tensor([1.0]).double(), "a test")
    t = torch.tensor(1e5, dtype=torch.float64)
    assert solved.radius.tolist() == pytest.approx([0.9])
    assert solved.responses(t, 0.0, recursion=False).tolist() == [0]
    found = float(solved.responses(t, float(solved.log_radius), recursion=False))
    # u_t / r^t = cos(t a) + (u_1 - p/2)/(r sin a) sin(t a), with cos a = p/(2 r).
    angle = np.arccos(0.81 / 1.8)
    exact = np.cos(1e5 * angle) + (-0.405) / (0.9 * np.sin(angle)) * np.sin(1e5 * angle)
    assert found == pytest.approx(exact, abs=1e-9)


def test_the_fields_of_a_mode_by_hand():
    # beta = 1/2, gamma = 1/4, eta lambda = 1: p = 1/4 and q = 1/4, so that p^2 - 4 q = -15/16.
    solved = _modes.modes(Method(0.5, 0.5, 0.25), torch.tensor([2.0]).double(), "a test")
    assert (solved.p.tolist(), solved.q.tolist()) == ([0.25], [0.25])
    # u_1 = 1 - 5/4 from rest and 1 - 1 inside the recursion, less p/2.
    assert solved.half_speed.tolist() == pytest.approx([-0.25 - 0.125])
    assert solved.half_speed_recursion.tolist() == pytest.approx([-0.125])
    assert solved.root.tolist() == pytest.approx([15**0.5 / 4])
    assert solved.oscillatory.tolist() == [True]
    assert solved.radius.tolist() == pytest.approx([0.5])
    assert solved.log_radius.tolist() == pytest.approx([np.log(0.5)])


@pytest.mark.parametrize(
    ("beta", "gamma", "ends"),
    [
        (0.0, 0.0, (1.0, 1.0)),  # gradient descent: one double root, at 0
        (0.25, 0.0, (0.25, 2.25)),
        (0.5, 0.5, (1 / 9, 1.0)),
        (0.0, 1.0, (0.0, 0.0)),  # c = -1: the real part of the complex ends, (1 + c)/(1 + gamma)^2
        (0.5, 0.25, ((0.5 / 1.6123724356957945) ** 2, (1.6123724356957945 / 1.25) ** 2)),
    ],
)
def test_double_roots_by_hand(beta, gamma, ends):
    assert _modes.double_roots(beta, gamma) == pytest.approx(ends, rel=1e-12)


@pytest.mark.parametrize("shape", [(), (1,), (2, 3), (0,)])
def test_every_field_has_the_shape_of_the_eigenvalues(shape):
    solved = _modes.modes(nesterov(0.5, 0.8), torch.full(shape, 0.7).double(), "a test")
    assert {tuple(field.shape) for field in vars(solved).values()} == {shape}
    assert solved.radius.shape == shape


@pytest.mark.parametrize("ulps", range(-4, 5))
def test_the_logarithm_of_the_radius_keeps_its_digits_near_one(ulps):
    # A slow mode: 1 - z is eta lambda/(1 - beta) and less than rounding of z, but its log is not.
    value = 1e-18 * (1 + ulps * 1e-3)
    (log_radius,) = _modes.modes(Method(1.0, 0.5), torch.tensor([value]).double(), "a").log_radius
    assert float(log_radius) == pytest.approx(-2 * value, rel=1e-9)
