from decimal import Decimal, getcontext

import pytest
import torch

import rootkappa.dynamics as c
from rootkappa.optimizers.method import gradient_descent, heavy_ball, nesterov, triple_momentum

getcontext().prec = 60

OSCILLATING = [
    heavy_ball(0.3, 0.5),
    heavy_ball(1.0, 0.9),
    nesterov(0.5, 0.8),
    nesterov(1.2, 0.5),
    triple_momentum(1e-3, 1.0),
]
GRID = torch.logspace(-4, 0, 5, dtype=torch.float64)


def exact_radius(method, eigenvalue):
    """The radius of the stored numbers, to 60 digits."""
    eta, beta, gamma = (Decimal(value) for value in method.coefficients(0))
    y = eta * Decimal(eigenvalue)
    p, q = 1 + beta - (1 + gamma) * y, beta - gamma * y
    discriminant = p * p - 4 * q
    return q.sqrt() if discriminant < 0 else (abs(p) + discriminant.sqrt()) / 2


def test_radius_is_the_largest_eigenvalue(method, grid):
    radius = c.spectral_radius(method, grid)
    oracle = torch.linalg.eigvals(c.companion(method, grid)).abs().amax(-1)
    torch.testing.assert_close(radius, oracle, rtol=0, atol=2e-9)
    exact = torch.tensor([float(exact_radius(method, x)) for x in grid.tolist()], dtype=grid.dtype)
    torch.testing.assert_close(radius, exact, rtol=0, atol=1e-12)


@pytest.mark.parametrize("method", OSCILLATING, ids=lambda m: m.name)
@pytest.mark.parametrize("end", [0, 1])
@pytest.mark.parametrize("offset", [-1e-3, -1e-6, 1e-6, 1e-3])
def test_radius_next_to_a_double_root(method, end, offset):
    eigenvalue = c.oscillatory_interval(method)[end] * (1 + offset)
    radius = float(c.spectral_radius(method, torch.tensor(eigenvalue, dtype=torch.float64)))
    assert abs(Decimal(radius) - exact_radius(method, eigenvalue)) < Decimal("1e-12")


def test_stability_limit(method):
    edge = c.stability_limit(method) / method.step_size
    inside, outside = torch.tensor([edge * (1 - 1e-6), edge * (1 + 1e-6)], dtype=torch.float64)
    assert float(c.spectral_radius(method, inside)) < 1 < float(c.spectral_radius(method, outside))


@pytest.mark.parametrize("kappa", [1.0001, 4.0, 100.0, 1e4, 1e6])
def test_slack_of_the_spectrum(kappa, tuned):
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
def test_slowest_eigenvalue(kappa, heavy_share, nag_share, tuned):
    _, heavy, nag = tuned(kappa)
    s = kappa**-0.5
    cases = ((heavy, 1 - s / 4, heavy_share), (nag, 1 - s / 2, nag_share))
    for method, rate, share in cases:
        eigenvalue = c.slowest_eigenvalue(method, rate)
        assert round(eigenvalue * kappa, 4) == share
        assert float(c.spectral_radius(method, torch.tensor(eigenvalue, dtype=torch.float64))) == (
            pytest.approx(rate, abs=1e-12)
        )


def test_planted_mistakes_show(tuned):
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
        (lambda: c.spectral_radius(gradient_descent(1.0), -GRID), "at least 0, got -1"),
        (lambda: c.spectral_radius(gradient_descent(1.0), GRID[:0]), "empty"),
        (lambda: c.slowest_eigenvalue(OSCILLATING[0], 1.5), r"\[0.707107, 1\).*got 1.5"),
    ],
)
def test_messages(call, message):
    with pytest.raises(ValueError, match=message):
        call()
