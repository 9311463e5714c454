"""Radius, oscillation and stability against 60-digit arithmetic and numerical eigenvalues."""

from __future__ import annotations

import math
from decimal import Decimal, getcontext

import numpy as np
import pytest
import torch

import rootkappa.dynamics as c
from rootkappa.dynamics.companion import oscillatory_interval
from rootkappa.optimizers import (
    HigherMomentum,
    Method,
    gradient_descent,
    heavy_ball,
    nesterov,
    triple_momentum,
)
from rootkappa.problems import Spectrum

getcontext().prec = 60

OSCILLATING = [
    heavy_ball(0.3, 0.5),
    heavy_ball(1.0, 0.9),
    nesterov(0.5, 0.8),
    nesterov(1.2, 0.5),
    triple_momentum(1e-3, 1.0),
    Method(1.1, 0.95, 1.09, name="AGNES"),
    Method(0.15, 0.98, 10.0, name="ten steps ahead"),
]


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


def test_the_matrix_takes_a_pair_of_residuals_one_step_on(method, grid):
    before, now, ahead = c.modal_response(method, grid, [4, 5, 6]).unbind(-1)
    pair = torch.stack([now, before], -1).unsqueeze(-1)
    moved = (c.companion(method, grid) @ pair).squeeze(-1)
    torch.testing.assert_close(moved, torch.stack([ahead, now], -1), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("method", OSCILLATING, ids=lambda m: m.name)
@pytest.mark.parametrize("end", [0, 1])
@pytest.mark.parametrize("offset", [-1e-3, -1e-6, 1e-6, 1e-3])
def test_radius_next_to_a_double_root(method, end, offset):
    eigenvalue = oscillatory_interval(method)[end] * (1 + offset)
    radius = float(c.spectral_radius(method, eigenvalue))
    assert abs(Decimal(radius) - exact_radius(method, eigenvalue)) < Decimal("1e-12")


def test_the_interval_is_where_numerical_roots_are_complex(method):
    low, high = oscillatory_interval(method)
    assert 0 <= low <= high
    outside = torch.tensor([low * 0.99 + 1e-9, high * 1.01 + 1e-9]).double()
    inside = torch.linspace(low, high, 7).double()[1:-1]
    for values, complex_pair in ((outside, False), (inside, high > low)):
        roots = torch.linalg.eigvals(c.companion(method, values))
        assert ((roots.imag.abs() > 1e-9).any(-1) == complex_pair).all()


def test_stability_limit(method):
    edge = c.stability_limit(method) / method.step_size
    inside, outside = torch.tensor([edge * (1 - 1e-6), edge * (1 + 1e-6)], dtype=torch.float64)
    assert float(c.spectral_radius(method, inside)) < 1 < float(c.spectral_radius(method, outside))


@pytest.mark.parametrize("seed", range(4))
def test_every_method_of_the_family_converges_below_its_limit(seed):
    source = np.random.default_rng(seed)
    for _ in range(25):
        beta, gamma = source.uniform(0, 1), source.choice([0, 1, 10]) * source.uniform()
        limit = c.stability_limit(Method(3.0, beta, gamma))
        for share in (1e-6, *source.uniform(0, 1, 4), 1 - 1e-6, 1 + 1e-6):
            y = share * limit
            matrix = [[1 + beta - (1 + gamma) * y, gamma * y - beta], [1, 0]]
            assert (abs(np.linalg.eigvals(matrix)).max() < 1) == (share < 1)


def test_the_largest_stable_step_size_on_a_spectrum(method):
    spectrum = Spectrum(0.25, 50.0)
    eta = c.stability_limit(method, spectrum)
    assert eta == pytest.approx(c.stability_limit(method) / 50)
    for factor, stable in ((0.999, True), (1.001, False)):
        run = Method(factor * eta, method.momentum, method.extrapolation)
        assert bool((c.spectral_radius(run, spectrum) < 1).all()) is stable


def test_a_change_of_units_changes_nothing(method, grid, scale, rescaled):
    other = rescaled(method, scale)
    radius, moved = c.spectral_radius(method, grid), c.spectral_radius(other, scale * grid)
    torch.testing.assert_close(moved, radius, rtol=1e-9, atol=1e-12)
    assert c.stability_limit(other) == c.stability_limit(method)
    ends = np.array(oscillatory_interval(method))
    np.testing.assert_allclose(oscillatory_interval(other), scale * ends, rtol=1e-12)
    slowest = c.slowest_eigenvalue(method, 0.999)
    assert c.slowest_eigenvalue(other, 0.999) == pytest.approx(scale * slowest, rel=1e-12)


@pytest.mark.parametrize("kappa", [1.0001, 4.0, 100.0, 1e4, 1e6])
def test_slack_of_the_spectrum(kappa, tuned):
    _, heavy, nag = tuned(kappa)
    s = kappa**-0.5
    low, high = oscillatory_interval(heavy)
    assert (low * kappa, high) == pytest.approx((0.25, (2 - s / 2) ** 2), rel=1e-12)
    flat = torch.linspace(low * (1 + 1e-9), high * (1 - 1e-9), 50, dtype=torch.float64)
    torch.testing.assert_close(
        c.spectral_radius(heavy, flat), torch.full_like(flat, 1 - s / 2), rtol=0, atol=1e-12
    )
    low_nag = oscillatory_interval(nag)[0]
    assert low_nag * kappa == pytest.approx(8 / 9, rel=1e-12)
    just_in = torch.tensor(low_nag * (1 + 1e-9), dtype=torch.float64)
    assert float(c.spectral_radius(nag, just_in)) == pytest.approx(1 - 2 * s / 3, abs=1e-9)


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
        assert float(c.spectral_radius(method, eigenvalue)) == pytest.approx(rate, abs=1e-12)


@pytest.mark.parametrize("place", [0.001, 0.5, 0.999])
def test_below_the_slowest_eigenvalue_every_mode_is_slower(method, place):
    with pytest.raises(ValueError, match="rate must lie in") as caught:
        c.slowest_eigenvalue(method, 1.0)
    fastest = float(str(caught.value).split("[")[1].split(",")[0])
    rate = fastest + place * (1 - fastest)
    eigenvalue = c.slowest_eigenvalue(method, rate)
    below = torch.linspace(0, 1, 200, dtype=torch.float64)[:-1] * eigenvalue
    assert float(c.spectral_radius(method, eigenvalue)) == pytest.approx(rate, abs=1e-12)
    assert float(c.spectral_radius(method, below).min()) > rate


def test_planted_mistakes_show(tuned):
    """The wrong sign of beta, a doubled step: the radius leaves 1 - 1/(2 sqrt kappa)."""
    grid, heavy, _ = tuned(100.0)
    doubled = heavy_ball(4.1, heavy.coefficients(0)[1])
    assert float(c.spectral_radius(doubled, grid).max()) > 1
    matrix = c.companion(heavy, grid)
    matrix[:, 0, 1] *= -1
    assert float(torch.linalg.eigvals(matrix).abs().max()) > 1


@pytest.mark.parametrize("shape", [(), (3,), (2, 1, 3)])
def test_shapes(shape):
    values = torch.ones(shape, dtype=torch.float64)
    assert c.spectral_radius(nesterov(0.5, 0.8), values).shape == shape
    assert c.companion(nesterov(0.5, 0.8), values).shape == (*shape, 2, 2)


CALLS = {
    "companion": (lambda m: c.companion(m, [1.0]), "the companion matrix"),
    "spectral_radius": (lambda m: c.spectral_radius(m, [1.0]), "the companion matrix"),
    "oscillatory_interval": (oscillatory_interval, "the companion matrix"),
    "slowest_eigenvalue": (lambda m: c.slowest_eigenvalue(m, 0.9), "the companion matrix"),
    "stability_limit": (c.stability_limit, "a stability limit"),
}


@pytest.mark.parametrize(("call", "purpose"), CALLS.values(), ids=CALLS)
def test_methods_whose_numbers_change_get_the_one_sentence(call, purpose, changing):
    method, why = changing
    with pytest.raises(ValueError, match=f"^{purpose} needs constant .* has a {why}: give it"):
        call(method)
    with pytest.raises(TypeError, match=r"method must be a Method, got HigherMomentum\("):
        call(HigherMomentum(0.1, 0.5))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda m: c.spectral_radius(m, [-1.0]), ValueError, "at least 0, got -1"),
        (lambda m: c.slowest_eigenvalue(m, 1.5), ValueError, r"\[0.707107, 1\).*got 1.5"),
        (lambda m: c.slowest_eigenvalue(m, math.nan), ValueError, "rate must be a finite number"),
        (lambda m: c.slowest_eigenvalue(m, "1"), TypeError, "rate must be a number, got '1'"),
        (lambda m: c.stability_limit(m, 5.0), TypeError, "spectrum must be a Spectrum, got 5.0"),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call(OSCILLATING[0])


def test_gradient_descent_by_hand():
    method = gradient_descent(0.5)
    assert c.spectral_radius(method, np.array([1.0, 2.0, 3.0])).tolist() == [0.5, 0, 0.5]
    assert oscillatory_interval(method) == (2, 2)


@pytest.mark.parametrize(
    ("method", "matrix"),
    [
        (gradient_descent(0.5), [[-0.5, 0.0], [1, 0]]),
        (heavy_ball(0.5, 0.25), [[-0.25, -0.25], [1, 0]]),
        (nesterov(0.5, 0.25), [[1.25 - 1.5 * 1.25, -0.25 + 1.5 * 0.25], [1, 0]]),
        (Method(0.5, 0.25, 2.0), [[1.25 - 1.5 * 3, -0.25 + 1.5 * 2], [1, 0]]),
    ],
    ids=lambda entry: getattr(entry, "name", ""),
)
def test_matrices_by_hand(method, matrix):
    # eta lambda = 3/2; p = 1 + beta - 3/2 (1 + gamma) and q = beta - 3/2 gamma.
    assert c.companion(method, 3.0).tolist() == matrix
    assert c.companion(method, [3.0, 3.0]).tolist() == [matrix, matrix]


@pytest.mark.parametrize("make", [list, np.array, torch.tensor, lambda v: Spectrum.of_values(v)])
def test_eigenvalues_of_every_kind(make):
    given = make([0.25, 0.5, 1.0])
    method = heavy_ball(1.0, 0.25)
    assert c.spectral_radius(method, given).tolist() == pytest.approx([0.5, 0.5, 0.5])
    assert c.companion(method, given).shape == (3, 2, 2)


def test_single_precision_is_read_and_computed_in_double():
    values = torch.tensor([0.1, 0.7], dtype=torch.float32)
    found = c.spectral_radius(nesterov(1.0, 0.9), values)
    assert torch.equal(found, c.spectral_radius(nesterov(1.0, 0.9), values.double()))
    assert c.companion(nesterov(1.0, 0.9), values).dtype == torch.float64


@pytest.mark.parametrize(
    ("method", "limit"),
    [
        (gradient_descent(7.0), 2.0),
        (heavy_ball(7.0, 0.5), 3.0),
        (nesterov(7.0, 0.5), 1.5),
        (Method(7.0, 0.5, 1.0), 1.0),
        (Method(7.0, 0.0, 0.5), 1.0),
    ],
    ids=lambda entry: getattr(entry, "name", ""),
)
def test_stability_limits_by_hand(method, limit):
    assert c.stability_limit(method) == limit
    assert c.stability_limit(method, Spectrum(0.5, 4.0)) == limit / 4
    # There -1 is a root: 1 + p + q = 0.
    p, q = 1 + method.momentum, method.momentum
    p, q = p - (1 + method.extrapolation) * limit, q - method.extrapolation * limit
    assert 1 + p + q == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    ("method", "ends"),
    [
        (gradient_descent(0.5), (2, 2)),
        (heavy_ball(0.5, 0.25), (0.5, 4.5)),
        (nesterov(0.5, 0.5), (2 / 9, 2)),
        (Method(0.5, 0.25, 3.0), (0, 0)),  # c = -2: nothing oscillates
    ],
    ids=lambda entry: getattr(entry, "name", ""),
)
def test_oscillatory_intervals_by_hand(method, ends):
    assert oscillatory_interval(method) == pytest.approx(ends, rel=1e-12)


@pytest.mark.parametrize(
    ("method", "rate", "value"),
    [
        (gradient_descent(0.5), 0.75, 0.5),
        (heavy_ball(0.5, 0.25), 0.75, 0.25 * 0.5 / 0.75 / 0.5),
        (nesterov(0.5, 0.5), 0.75, 0.25 * 0.25 / (1.5 * 0.75 - 0.5) / 0.5),
        # c < 0: r = sqrt((gamma - beta)/(1 + gamma)) = 1/2 is the fastest rate.
        (Method(0.5, 0.0, 1 / 3), 0.75, 0.25 * 0.75 / (0.75 * 4 / 3 - 1 / 3) / 0.5),
        (Method(0.5, 0.0, 1 / 3), 0.5, 0.5 * 0.5 / (0.5 * 4 / 3 - 1 / 3) / 0.5),
    ],
    ids=lambda entry: getattr(entry, "name", ""),
)
def test_slowest_eigenvalues_by_hand(method, rate, value):
    assert c.slowest_eigenvalue(method, rate) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    ("method", "fastest"),
    [(gradient_descent(0.5), 0.0), (heavy_ball(0.5, 0.25), 0.5), (Method(0.5, 0.0, 1 / 3), 0.5)],
    ids=lambda entry: getattr(entry, "name", ""),
)
def test_no_rate_below_the_double_root_is_attained(method, fastest):
    if fastest:
        assert c.slowest_eigenvalue(method, fastest) > 0
    for rate in (fastest - 1e-6, 1.0, 1.5, -0.5):
        with pytest.raises(
            ValueError, match=rf"rate must lie in \[{fastest:g}, 1\) for {method.name}"
        ):
            c.slowest_eigenvalue(method, rate)
