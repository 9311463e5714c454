import math

import pytest
import torch

import rootkappa.dynamics as c
from rootkappa.optimizers.method import gradient_descent, heavy_ball

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
def test_table_of_starts(row, tuned):
    grid, heavy, nag = tuned(row[0])
    measured = (
        c.start_prefactor(heavy, grid),
        c.start_prefactor(nag, grid, start="recursion"),
        c.start_prefactor(nag, grid),
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
    assert c.start_prefactor(heavy, grid, steps=59) == pytest.approx(largest, abs=1e-9)


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
    ("call", "message"),
    [
        (
            lambda: c.power_norms(gradient_descent(1.0), GRID, torch.tensor([-1])),
            "at least 0, got -1",
        ),
        (lambda: c.power_bound_heavy_ball(0.9, 1.0, 1e-9, 1.0), "oscillatory_interval"),
        (lambda: c.power_bound_nesterov(0.9, 1.0, 1e-9, 0.5), "oscillatory_interval"),
        (
            lambda: c.start_prefactor(heavy_ball(0.3, 0.5), GRID, start="cold"),
            "unknown start 'cold'",
        ),
        (lambda: c.power_constant(gradient_descent(1.0), torch.ones(1)), "radius is 0"),
    ],
)
def test_messages(call, message):
    with pytest.raises(ValueError, match=message):
        call()
