import math
from decimal import Decimal, getcontext

import pytest
import torch

import rootkappa.dynamics as c
from rootkappa.optimizers import tunings
from rootkappa.optimizers.method import (
    Method,
    gradient_descent,
    heavy_ball,
    nesterov,
    triple_momentum,
)

getcontext().prec = 60

METHODS = [
    gradient_descent(1.0),
    gradient_descent(1.9),
    heavy_ball(0.3, 0.5),
    heavy_ball(1.0, 0.9),
    nesterov(0.5, 0.8),
    nesterov(1.2, 0.5),
    triple_momentum(1e-3, 1.0),
    Method(0.5, momentum=0.2, extrapolation=0.9, name="over-extrapolated"),
    Method(0.5, momentum=0.9, extrapolation=0.3, name="between"),
]
GRID = torch.logspace(-4, 0, 41, dtype=torch.float64)

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


def tuned(kappa):
    grid = torch.logspace(-math.log10(kappa), 0, 60, dtype=torch.float64)
    heavy = tunings.modular_heavy_ball(1 / kappa, 1.0)
    return grid, heavy, tunings.lazy_nesterov(1 / kappa, 1.0)


def exact_radius(method, eigenvalue):
    """The radius of the stored numbers, to 60 digits."""
    eta, beta, gamma = (Decimal(value) for value in method.coefficients(0))
    y = eta * Decimal(eigenvalue)
    p, q = 1 + beta - (1 + gamma) * y, beta - gamma * y
    discriminant = p * p - 4 * q
    return q.sqrt() if discriminant < 0 else (abs(p) + discriminant.sqrt()) / 2


@pytest.mark.parametrize("method", METHODS, ids=lambda m: f"{m.name} {m.step_size}")
def test_radius_is_the_largest_eigenvalue(method):
    radius = c.spectral_radius(method, GRID)
    oracle = torch.linalg.eigvals(c.companion(method, GRID)).abs().amax(-1)
    torch.testing.assert_close(radius, oracle, rtol=0, atol=2e-9)
    exact = torch.tensor([float(exact_radius(method, x)) for x in GRID.tolist()], dtype=GRID.dtype)
    torch.testing.assert_close(radius, exact, rtol=0, atol=1e-12)


@pytest.mark.parametrize("method", METHODS[2:7], ids=lambda m: m.name)
@pytest.mark.parametrize("end", [0, 1])
@pytest.mark.parametrize("offset", [-1e-3, -1e-6, 1e-6, 1e-3])
def test_radius_next_to_a_double_root(method, end, offset):
    eigenvalue = c.oscillatory_interval(method)[end] * (1 + offset)
    radius = float(c.spectral_radius(method, torch.tensor(eigenvalue, dtype=torch.float64)))
    assert abs(Decimal(radius) - exact_radius(method, eigenvalue)) < Decimal("1e-12")


@pytest.mark.parametrize("row", TABLE_POWERS, ids=lambda row: f"kappa={row[0]:g}")
def test_table_of_power_constants(row):
    kappa = row[0]
    grid, heavy, nag = tuned(kappa)
    beta_h, beta_n = heavy.coefficients(0)[1], nag.coefficients(0)[1]
    measured = (
        float(c.spectral_radius(heavy, grid).max()),
        c.power_constant(heavy, grid),
        c.power_bound_heavy_ball(beta_h, 1.0, 1 / kappa, 1.0, factor=math.sqrt(2)),
        c.power_bound_heavy_ball(beta_h, 1.0, 1 / kappa, 1.0),
        float(c.spectral_radius(nag, grid).max()),
        c.power_constant(nag, grid),
        c.power_bound_nesterov(beta_n, 0.5, 1 / kappa, 1.0),
    )
    digits = (6, 3, 3, 3, 6, 3, 3)
    assert tuple(round(x, d) for x, d in zip(measured, digits, strict=True)) == row[1:]
    assert measured[2] < measured[1] < measured[3] < 4 * math.sqrt(kappa)
    assert 0.99 < measured[5] / measured[6] < 1
    assert measured[6] < 12 * math.sqrt(kappa)


@pytest.mark.parametrize("row", TABLE_STARTS, ids=lambda row: f"kappa={row[0]:g}")
def test_table_of_starts(row):
    grid, heavy, nag = tuned(row[0])
    measured = (
        c.start_prefactor(heavy, grid),
        c.start_prefactor(nag, grid, start="recursion"),
        c.start_prefactor(nag, grid),
    )
    assert tuple(round(x, 3) for x in measured) == row[1:]


def test_start_prefactor_against_the_recursion():
    grid, heavy, _ = tuned(1.0001)
    rho = float(c.spectral_radius(heavy, grid).max())
    stack = torch.ones(60, 2, 1, dtype=torch.float64)
    largest = 1.0
    for t in range(1, 60):
        stack = c.companion(heavy, grid) @ stack
        size = float(stack.norm(dim=(1, 2)).max()) / math.sqrt(2)
        largest = max(largest, size / rho**t)
    assert c.start_prefactor(heavy, grid, steps=59) == pytest.approx(largest, abs=1e-9)


@pytest.mark.parametrize("method", METHODS, ids=lambda m: f"{m.name} {m.step_size}")
def test_power_norms_against_matrix_powers(method):
    grid = GRID[::4]
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


@pytest.mark.parametrize("method", METHODS, ids=lambda m: f"{m.name} {m.step_size}")
def test_stability_limit(method):
    edge = c.stability_limit(method) / method.step_size
    inside, outside = torch.tensor([edge * (1 - 1e-6), edge * (1 + 1e-6)], dtype=torch.float64)
    assert float(c.spectral_radius(method, inside)) < 1 < float(c.spectral_radius(method, outside))


@pytest.mark.parametrize("kappa", [1.0001, 4.0, 100.0, 1e4, 1e6])
def test_slack_of_the_spectrum(kappa):
    _, heavy, nag = tuned(kappa)
    s = kappa**-0.5
    low, high = c.oscillatory_interval(heavy)
    assert (low * kappa, high) == pytest.approx((0.25, (2 - s / 2) ** 2), rel=1e-12)
    flat = torch.linspace(low * (1 + 1e-9), high * (1 - 1e-9), 50, dtype=torch.float64)
    torch.testing.assert_close(
        c.spectral_radius(heavy, flat), torch.full_like(flat, 1 - s / 2), rtol=0, atol=1e-12
    )
    low_nag = c.oscillatory_interval(nag)[0]
    assert low_nag * kappa == pytest.approx(8 / 9, rel=1e-12)
    just_in = torch.tensor(low_nag * (1 + 1e-9), dtype=torch.float64)
    assert float(c.spectral_radius(nag, just_in)) == pytest.approx(1 - 2 * s / 3, abs=1e-9)
    assert bool(c.is_oscillatory(nag, just_in))
    assert not bool(c.is_oscillatory(nag, just_in * (1 - 1e-8)))


@pytest.mark.parametrize(
    ("kappa", "heavy_share", "nag_share"),
    [(25, 0.1842, 0.8214), (1e2, 0.1859, 0.8276), (1e4, 0.1873, 0.8328), (1e6, 0.1875, 0.8333)],
)
def test_slowest_eigenvalue(kappa, heavy_share, nag_share):
    _, heavy, nag = tuned(kappa)
    s = kappa**-0.5
    cases = ((heavy, 1 - s / 4, heavy_share), (nag, 1 - s / 2, nag_share))
    for method, rate, share in cases:
        eigenvalue = c.slowest_eigenvalue(method, rate)
        assert round(eigenvalue * kappa, 4) == share
        assert float(c.spectral_radius(method, torch.tensor(eigenvalue, dtype=torch.float64))) == (
            pytest.approx(rate, abs=1e-12)
        )


def test_planted_mistakes_show():
    """The wrong sign of beta, a doubled step: the radius leaves 1 - 1/(2 sqrt kappa)."""
    grid, heavy, _ = tuned(100.0)
    doubled = heavy_ball(4.1, heavy.coefficients(0)[1])
    assert float(c.spectral_radius(doubled, grid).max()) > 1
    matrix = c.companion(heavy, grid)
    matrix[:, 0, 1] *= -1
    assert float(torch.linalg.eigvals(matrix).abs().max()) > 1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: c.companion(nesterov(1.0), GRID), "schedule or a restart rule"),
        (lambda: c.spectral_radius(METHODS[0], -GRID), "at least 0, got -1"),
        (lambda: c.spectral_radius(METHODS[0], GRID[:0]), "empty"),
        (lambda: c.power_norms(METHODS[0], GRID, torch.tensor([-1])), "at least 0, got -1"),
        (lambda: c.power_bound_heavy_ball(0.9, 1.0, 1e-9, 1.0), "oscillatory_interval"),
        (lambda: c.power_bound_nesterov(0.9, 1.0, 1e-9, 0.5), "oscillatory_interval"),
        (lambda: c.slowest_eigenvalue(METHODS[2], 1.5), r"\[0.707107, 1\).*got 1.5"),
        (lambda: c.start_prefactor(METHODS[2], GRID, start="cold"), "unknown start 'cold'"),
        (lambda: c.power_constant(gradient_descent(1.0), torch.ones(1)), "radius is 0"),
    ],
)
def test_messages(call, message):
    with pytest.raises(ValueError, match=message):
        call()
