"""Powers of companion matrices against plain multiplication, tables, and their bound."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

import rootkappa.dynamics as c
from rootkappa.dynamics.companion import oscillatory_interval
from rootkappa.optimizers import Method, gradient_descent, heavy_ball, nesterov
from rootkappa.problems import Spectrum

GRID = torch.logspace(-4, 0, 5, dtype=torch.float64)

# Computed independently: kappa, then HB radius, supremum of powers, constant with sqrt 2 and with
# 2; the same for Nesterov: radius, supremum, C.
TABLE_POWERS = [
    (1.0001, 0.500025, 2.107, 1.826, 2.582, 0.316263, 10.906, 11.000),
    (1.5, 0.591752, 2.373, 1.976, 2.795, 0.443516, 11.674, 11.761),
    (2, 0.646447, 2.751, 2.202, 3.114, 0.519070, 12.857, 12.941),
    (4, 0.750000, 4.057, 3.043, 4.303, 0.661438, 17.319, 17.386),
    (10, 0.841886, 6.725, 4.863, 6.877, 0.786884, 26.949, 26.987),
    (100, 0.950000, 22.517, 15.953, 22.561, 0.933073, 84.850, 84.867),
    (1e3, 0.984189, 72.452, 51.241, 72.466, 0.978891, 268.326, 268.330),
    (1e4, 0.995000, 230.363, 162.894, 230.367, 0.993331, 848.527, 848.528),
    (1e6, 0.999500, 2308.824, 1632.585, 2308.824, 0.999333, 8485.281, 8485.281),
]
# Computed independently: kappa, HB, Nesterov from u_{-1} = u_0 inside the recursion, Nesterov from
# rest.
TABLE_STARTS = [
    (1.5, 1.280, 4.373, 2.909),
    (4, 1.182, 3.616, 2.733),
    (25, 1.158, 3.211, 2.836),
    (100, 1.155, 3.102, 2.909),
    (1e3, 1.155, 3.032, 2.969),
    (1e4, 1.155, 3.010, 2.990),
]


@pytest.mark.parametrize("row", TABLE_POWERS, ids=lambda row: f"kappa={row[0]:g}")
def test_table_of_power_constants(row, tuned):
    kappa = row[0]
    grid, heavy, nag = tuned(kappa)
    spectrum = Spectrum(1 / kappa, 1.0)
    measured = (
        float(c.spectral_radius(heavy, grid).max()),
        c.prefactor(heavy, grid, start="worst"),
        c.power_bound(heavy, spectrum, factor=math.sqrt(2)),
        c.power_bound(heavy, spectrum),
        float(c.spectral_radius(nag, grid).max()),
        c.prefactor(nag, grid, start="worst"),
        c.power_bound(nag, spectrum),
    )
    digits = (6, 3, 3, 3, 6, 3, 3)
    assert tuple(round(x, d) for x, d in zip(measured, digits, strict=True)) == row[1:]
    assert measured[2] < measured[1] < measured[3] < 4 * math.sqrt(kappa)
    assert 0.99 < measured[5] / measured[6] < 1
    assert measured[6] < 12 * math.sqrt(kappa)


@pytest.mark.parametrize("row", TABLE_STARTS, ids=lambda row: f"kappa={row[0]:g}")
def test_table_of_starts(row, tuned):
    grid, heavy, nag = tuned(row[0])
    measured = (
        c.prefactor(heavy, grid),
        c.prefactor(nag, grid, start="recursion"),
        c.prefactor(nag, grid),
    )
    assert tuple(round(x, 3) for x in measured) == row[1:]


def test_start_prefactor_against_the_recursion(tuned):
    grid, heavy, _ = tuned(1.0001)
    rho = float(c.spectral_radius(heavy, grid).max())
    stack = torch.ones(60, 2, 1, dtype=torch.float64)
    largest = 1.0
    for t in range(1, 60):
        stack = c.companion(heavy, grid) @ stack
        size = float(stack.norm(dim=(1, 2)).max()) / math.sqrt(2)
        largest = max(largest, size / rho**t)
    assert c.prefactor(heavy, grid, steps=59) == pytest.approx(largest, abs=1e-9)


def test_power_norms_against_matrix_powers(method, grid):
    grid = grid[::4]
    rho = float(c.spectral_radius(method, grid).max())
    steps = torch.tensor([0, 1, 2, 3, 10, 40])
    matrix = c.companion(method, grid)
    powers = [torch.linalg.matrix_power(matrix / rho, int(j)) for j in steps]
    oracle = torch.stack([torch.linalg.matrix_norm(power, 2) for power in powers], -1)
    torch.testing.assert_close(c.power_norms(method, grid, steps), oracle, rtol=1e-10, atol=1e-12)


def test_power_norms_at_a_double_root_grow_linearly():
    norms = c.power_norms(
        heavy_ball(1.0, 0.25), torch.tensor([0.25], dtype=torch.float64), torch.arange(200)
    )
    growth = norms[0].diff()
    assert float(growth[-1]) == pytest.approx(2.5, rel=1e-3)


@pytest.mark.parametrize(
    "method",
    [heavy_ball(0.9, 0.8), nesterov(0.5, 0.9), Method(0.9, 0.9, 0.5), Method(0.5, 0.95, 1.09)],
    ids=lambda m: f"gamma={m.extrapolation}",
)
def test_the_bound_is_trace_over_determinant_and_holds(method):
    low, high = oscillatory_interval(method)
    spectrum = Spectrum(1.5 * low, 0.9 * high)
    ends = np.linalg.eig(c.companion(method, spectrum).numpy()).eigenvectors
    # Eigenvectors (z, 1): scale the columns so that their last entry is 1.
    P = ends / ends[:, 1:, :]
    traces, determinants = (abs(P) ** 2).sum((1, 2)), abs(np.linalg.det(P))
    bound = c.power_bound(method, spectrum)
    assert bound == pytest.approx(traces.max() / determinants.min(), rel=1e-9)
    grid = torch.linspace(spectrum.lambda_min, spectrum.lambda_max, 50, dtype=torch.float64)
    assert c.prefactor(method, grid, start="worst") < bound


def test_a_change_of_units_changes_nothing(method, scale, rescaled, grid):
    other, values = rescaled(method, scale), grid[::10]
    norms = c.power_norms(method, values, 20)
    torch.testing.assert_close(c.power_norms(other, scale * values, 20), norms, rtol=1e-8, atol=0)
    for start in ("rest", "recursion", "worst"):
        plain = c.prefactor(method, values, 50, start)
        assert c.prefactor(other, scale * values, 50, start) == pytest.approx(plain, rel=1e-8)


@pytest.mark.parametrize("start", ["rest", "recursion"])
def test_prefactors_of_every_method_against_the_iteration(method, grid, start):
    values = grid[::8]
    eta, beta, gamma = method.coefficients(0)
    p, q = 1 + beta - (1 + gamma) * eta * values, beta - gamma * eta * values
    rho = float(c.spectral_radius(method, values).max())
    before = torch.ones_like(values)
    now = 1 - (1 if start == "recursion" else 1 + gamma) * eta * values
    largest = 1.0
    for t in range(1, 80):
        size = float(torch.hypot(now, before).max()) / math.sqrt(2) / rho**t
        largest, before, now = max(largest, size), now, p * now - q * before
    assert c.prefactor(method, values, 79, start) == pytest.approx(largest, rel=1e-8)


def test_powers_may_come_as_a_spectrum_and_as_numbers():
    method, spectrum = heavy_ball(1.0, 0.25), Spectrum(0.5, 1.0)
    norms = c.power_norms(method, [0.5, 1.0], [0, 1, 2, 3])
    assert torch.equal(c.power_norms(method, spectrum, 3), norms)
    assert torch.equal(c.power_norms(method, spectrum, 3, rate=0.5), norms)
    assert c.prefactor(method, spectrum, 1e2) == c.prefactor(method, np.array([0.5, 1.0]), 100)


WIDE = Spectrum(1e-9, 1.0)
BAD = [
    (lambda: c.power_norms(gradient_descent(1.0), GRID, [-1]), "0..2.53, got -1 to -1"),
    (lambda: c.power_norms(heavy_ball(1.0, 0.5), GRID, 3, rate=0.0), "rate .* above 0, got 0"),
    (lambda: c.power_bound(heavy_ball(1.0, 0.9), WIDE), "heavy ball has real .* oscillatory_int"),
    (lambda: c.power_bound(nesterov(1.0, 0.9), WIDE), "Nesterov has real roots on this spectrum"),
    (lambda: c.power_bound(Method(1.0, 0.0, 0.7), Spectrum(0.1, 0.2)), "has real roots"),
    (lambda: c.power_bound(heavy_ball(1.0, 0.9), Spectrum(0.1, 0.2), -2), "factor .* got -2"),
    (lambda: c.power_bound(heavy_ball(1.0, 0.9), Spectrum(1.0, 0.1)), "= 1.0, got 0.1: swap"),
    (lambda: c.prefactor(heavy_ball(0.3, 0.5), GRID, start="cold"), "unknown start 'cold'"),
    (lambda: c.prefactor(gradient_descent(1.0), [1.0], start="worst"), "radius is 0"),
    (lambda: c.prefactor(nesterov(1.0), GRID), "a power of the companion matrix needs constant"),
]


@pytest.mark.parametrize(("call", "message"), BAD)
def test_messages(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("ends", [(0.1, 0.2), 0.1, None])
def test_the_bound_takes_a_spectrum_alone(ends):
    with pytest.raises(TypeError, match=r"spectrum must be a Spectrum, got .*: give Spectrum"):
        c.power_bound(heavy_ball(1.0, 0.9), ends)
