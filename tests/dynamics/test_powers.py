"""Powers of companion matrices against plain multiplication, tables, and their bound."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

import rootkappa.dynamics as c
from rootkappa.dynamics import powers
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


def test_the_first_powers_by_hand():
    # M^0 = I; M = [[p, -q], [1, 0]] with p = 1/4 and q = 1/2: NumPy's norms of both.
    method, value = heavy_ball(1.0, 0.5), 1.25
    M = np.array([[0.25, -0.5], [1.0, 0.0]])
    rho = math.sqrt(0.5)
    expected = [np.linalg.norm(np.linalg.matrix_power(M, j), 2) / rho**j for j in range(6)]
    found = c.power_norms(method, [value], 5)
    assert found[0].tolist() == pytest.approx(expected, rel=1e-12)
    assert float(found[0, 0]) == pytest.approx(1, abs=1e-15)


@pytest.mark.parametrize("rate", [0.5, 0.9, 1.0, 2.0])
def test_norms_are_divided_by_powers_of_the_rate_that_is_given(rate):
    method, values = nesterov(0.7, 0.6), [0.1, 0.9]
    rho = float(c.spectral_radius(method, values).max())
    own, given = c.power_norms(method, values, 8), c.power_norms(method, values, 8, rate=rate)
    expected = own * (rho / rate) ** torch.arange(9).double()
    torch.testing.assert_close(given, expected, rtol=1e-10, atol=0)
    for bad, error in ((-1.0, ValueError), ("1", TypeError), (math.inf, ValueError)):
        with pytest.raises(error, match="rate must be a"):
            c.power_norms(method, values, 8, rate=bad)


@pytest.mark.parametrize("shape", [(), (1,), (2, 3)])
def test_norms_have_the_shape_of_the_eigenvalues_and_the_powers(shape):
    values = torch.full(shape, 0.5)
    assert c.power_norms(heavy_ball(1.0, 0.5), values, 4).shape == (*shape, 5)
    found = c.power_norms(heavy_ball(1.0, 0.5), values, [9, 0, 9])
    assert (found.shape, found.dtype) == ((*shape, 3), torch.float64)
    torch.testing.assert_close(found[..., 0], found[..., 2])


@pytest.mark.parametrize("start", ["rest", "recursion", "worst"])
def test_at_the_start_every_prefactor_is_1(start):
    method = heavy_ball(1.0, 0.5)
    assert c.prefactor(method, [0.3, 1.0], 0, start) == pytest.approx(1, abs=1e-15)
    later = [c.prefactor(method, [0.3, 1.0], T, start) for T in (1, 4, 40)]
    assert 1 <= later[0] <= later[1] <= later[2]


@pytest.mark.parametrize("start", ["rest", "recursion", "worst"])
def test_every_mode_may_be_the_worst_one(start):
    method, values = nesterov(0.7, 0.9), torch.tensor([[0.02, 0.3], [0.7, 1.0]]).double()
    whole = c.prefactor(method, values, 60, start)
    assert c.prefactor(method, values.flatten().flip(0), 60, start) == pytest.approx(whole)
    # The slowest mode sets the rate; each of the others, beside it, gives a part of the supremum.
    rho = c.spectral_radius(method, values).flatten()
    slow = values.flatten()[rho.argmax()]
    parts = [c.prefactor(method, torch.stack([v, slow]), 60, start) for v in values.flatten()]
    assert whole == pytest.approx(max(parts), rel=1e-12)


@pytest.mark.parametrize("start", ["rest", "recursion", "worst"])
@pytest.mark.parametrize("held", [1, 6, 100])
def test_a_scan_in_pieces_is_one_scan(start, held, monkeypatch):
    method, values = nesterov(0.7, 0.9), [0.02, 0.3, 1.0]
    whole = [c.prefactor(method, values, T, start) for T in (0, 1, 2, 33)]
    monkeypatch.setattr(powers, "_CHUNK", held)
    pieces = [c.prefactor(method, values, T, start) for T in (0, 1, 2, 33)]
    assert pieces == pytest.approx(whole, rel=1e-12)


@pytest.mark.parametrize(
    ("values", "steps"),
    [
        ([1.0], 70),
        ([0.25, 1.0], 90),
        ([0.0, 0.25, 1.0], 90),  # a mode that stays has no condition number
        ([0.0], 70),
        ([1e-8, 1.0], 20000),
    ],
)
def test_without_a_number_of_steps_the_condition_number_decides(values, steps, monkeypatch):
    # 20 sqrt(kappa) + 50, up to 20000.
    asked = []
    monkeypatch.setattr(powers, "_chunks", lambda values, last: asked.append(last) or iter(()))
    c.prefactor(heavy_ball(0.9, 0.81), values)
    assert asked == [steps]


def test_the_bound_of_heavy_ball_by_hand():
    # h = 4 beta - (1 + beta - eta lambda)^2 at both ends: 1 - 1/16 and 1 - 9/16 for beta = 1/4.
    spectrum = Spectrum(0.5, 1.5)
    bound = c.power_bound(heavy_ball(1.0, 0.25), spectrum)
    ends = [1 - (1.25 - x) ** 2 for x in (0.5, 1.5)]
    assert bound == pytest.approx(2 * 1.25 / math.sqrt(min(ends)))
    assert c.power_bound(heavy_ball(1.0, 0.25), spectrum, factor=1.0) == pytest.approx(bound / 2)
    # Only the product of step size and eigenvalue counts.
    other = c.power_bound(heavy_ball(0.1, 0.25), Spectrum(5.0, 15.0))
    assert other == pytest.approx(bound, rel=1e-12)


def test_the_bound_of_nesterov_by_hand():
    # q = beta (1 - y) is greatest at the lower end, and g = 4 q - p^2 with p = (1 + beta)(1 - y).
    spectrum, beta = Spectrum(0.4, 0.8), 0.5
    ends = [4 * beta * (1 - y) - ((1 + beta) * (1 - y)) ** 2 for y in (0.4, 0.8)]
    expected = 2 * (beta * 0.6 + 1) / math.sqrt(min(ends))
    assert c.power_bound(nesterov(1.0, beta), spectrum) == pytest.approx(expected)


def test_a_double_root_has_no_bound():
    low, high = oscillatory_interval(heavy_ball(1.0, 0.25))
    for ends in ((low, 1.0), (1.0, high), (1.0, 1.1 * high)):
        with pytest.raises(
            ValueError, match="has real roots on this spectrum, and the bound needs"
        ):
            c.power_bound(heavy_ball(1.0, 0.25), Spectrum(*ends))


KINDS = [
    (lambda: c.power_bound(None, Spectrum(0.1, 0.2)), "method must be a Method, got None"),
    (lambda: c.power_bound(heavy_ball(1.0, 0.9), Spectrum(0.1, 0.2), "2"), "factor must be a num"),
    (lambda: c.prefactor(heavy_ball(1.0, 0.9), GRID, 1.5), "steps must be a whole number, got 1.5"),
    (lambda: c.prefactor("gd", GRID), "method must be a Method, got 'gd'"),
    (
        lambda: c.power_norms(heavy_ball(1.0, 0.9), GRID, None),
        "steps must be a whole number, got N",
    ),
]


@pytest.mark.parametrize(("call", "message"), KINDS)
def test_other_kinds(call, message):
    with pytest.raises(TypeError, match=message):
        call()
