import numpy as np
import pytest

from rootkappa.rates._ritz import ritz


def columns(rng, noise, values=(0.1, 0.5, 0.9, 1.0)):
    """U, H U and what noise does to them, in units of the noise."""
    basis = np.linalg.qr(rng.standard_normal((4, 4)))[0]
    u = rng.standard_normal((4, 12))
    v = basis @ np.diag(values) @ basis.T @ u
    draw = rng.standard_normal((2, 4, 12)) * noise / 2
    scale = max(noise, 1e-14)
    return (u + draw[0]) / scale, (v + draw[1]) / scale, basis


def test_exact_without_noise():
    u, v, basis = columns(np.random.default_rng(0), 0.0)
    found = ritz(u, v, 1.0)
    assert (found.least.value, found.greatest.value) == pytest.approx((0.1, 1.0), abs=1e-12)
    assert abs(found.least.vector @ basis[:, 0]) == pytest.approx(1, abs=1e-9)
    assert abs(found.greatest.vector @ basis[:, 3]) == pytest.approx(1, abs=1e-9)
    assert found.inflation == 1


@pytest.mark.parametrize("noise", [1e-8, 1e-5, 1e-3])
def test_reach_holds_against_known_noise(noise):
    """4.5 deviations, and not many more: no error above the reach, and half of them over 1/20."""
    rng, errors = np.random.default_rng(1), []
    for _ in range(60):
        u, v, _ = columns(rng, noise)
        found = ritz(u, v, 1.5)
        errors.append(abs(found.least.value - 0.1) / found.least.reach)
    assert max(errors) < 1
    assert np.median(errors) > 1 / 20


def test_noise_is_raised_until_it_explains_the_misfit():
    u, v, _ = columns(np.random.default_rng(2), 1e-6)
    quiet = ritz(u * 1e3, v * 1e3, 1.0)  # as if the noise were a thousand times smaller
    assert 100 < quiet.inflation < 10000


def test_nothing_above_the_noise():
    assert ritz(np.ones((3, 6)), np.ones((3, 6)), 1.0) is None
