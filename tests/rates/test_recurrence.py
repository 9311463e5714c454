import numpy as np
import pytest
import torch

from rootkappa.dynamics import modal_response
from rootkappa.optimizers import nesterov, tunings
from rootkappa.optimizers.method import Method, gradient_descent, heavy_ball
from rootkappa.rates._recurrence import recurrence

METHODS = {
    "gradient descent": gradient_descent(1.0),
    "heavy ball": heavy_ball(1.0, 0.81),
    "Nesterov": nesterov(1.0, 0.9),
    "gamma other": Method(0.7, 0.9, 0.4),
    "beta = 0": Method(0.8, 0.0, 0.5),
    "gamma above beta": Method(0.5, 0.5, 0.6),
}
# Real roots, a double root of heavy ball at 0.01, complex ones, and one root 0 of Nesterov at 1.
EIGENVALUES = np.array([0.0, 1e-4, 0.01, 0.0100001, 0.02, 0.3, 1.0, 1.1])


@pytest.mark.parametrize("name", METHODS)
def test_responses_are_those_of_the_iteration(name):
    method = recurrence(METHODS[name])
    p = 1 + method.beta - method.eta * (1 + method.gamma) * EIGENVALUES
    q = method.determinants(EIGENVALUES)
    before, now, times = np.zeros_like(p), np.ones_like(p), np.arange(60.0)
    found, found_before = method.responses(EIGENVALUES, times)
    for t in range(60):
        np.testing.assert_allclose(found[t], now, rtol=1e-9, atol=1e-11)
        np.testing.assert_allclose(found_before[t], before, rtol=1e-9, atol=1e-11)
        before, now = now, p * now - q * before


@pytest.mark.parametrize("name", METHODS)
def test_a_start_at_rest_is_that_of_dynamics(name):
    found = recurrence(METHODS[name]).from_rest(EIGENVALUES, np.arange(60.0))
    expected = modal_response(METHODS[name], torch.from_numpy(EIGENVALUES), 59).T
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("seed", range(20))
def test_the_radius_falls_and_then_rises(seed):
    eta, beta, gamma = np.random.default_rng(seed).uniform([0.1, 0, 0], [2, 0.99, 1.2])
    method = recurrence(Method(eta, beta * (seed % 3 > 0), gamma * (seed % 2)))
    places = np.linspace(0, method.limit, 4001)
    radii, falling = method.radius(places), places <= method.fastest
    assert (np.diff(radii[falling]) <= 1e-12).all()
    assert (np.diff(radii[~falling]) >= -1e-12).all()
    assert method.factor(method.fastest) <= radii.min() + 1e-12


@pytest.mark.parametrize("name", METHODS)
def test_products_with_the_kernel(name, iterate):
    run = iterate(METHODS[name], [0.01, 0.1, 0.9], 30).numpy()
    u, v = recurrence(METHODS[name]).products(run, np.arange(1, 30))
    np.testing.assert_allclose(v, np.array([[0.01], [0.1], [0.9]]) * u, atol=1e-14)


def test_memory():
    remembers = {name: recurrence(method).has_memory for name, method in METHODS.items()}
    assert [name for name, memory in remembers.items() if not memory] == ["gradient descent"]


@pytest.mark.parametrize("method", [nesterov(1.0), tunings.lazy_nesterov(0.1, 1.0)])
def test_schedules_and_restarts_are_refused(method):
    from rootkappa.optimizers import FunctionRestart

    changing = method if not method.is_constant else method.with_restart(FunctionRestart())
    with pytest.raises(ValueError, match=r"schedule or a restart rule.*effective_factor"):
        recurrence(changing)


@pytest.mark.parametrize(
    ("name", "limit", "gain"),
    [
        ("gradient descent", 2.0, 3**0.5),
        ("heavy ball", 2 * 1.81, (1.81**2 + 0.81**2 + 1) ** 0.5),
        ("Nesterov", 3.8 / 2.8, (1.9**2 + 2) ** 0.5),
        ("gamma other", 2 * 1.9 / 1.8 / 0.7, (1.9**2 + 2) ** 0.5 / 0.7),
        ("beta = 0", 2 / 2 / 0.8, 3**0.5 / 0.8),
    ],
)
def test_limits_and_gains_by_hand(name, limit, gain):
    known = recurrence(METHODS[name])
    if name == "gradient descent":
        gain = 2**0.5  # nothing comes in from the step before
    assert known.limit == pytest.approx(limit)
    assert known.gain == pytest.approx(gain)


@pytest.mark.parametrize("name", METHODS)
def test_roots_are_those_of_numpy_the_larger_one_first(name):
    known = recurrence(METHODS[name])
    larger, smaller = known.roots(EIGENVALUES)
    for value, one, other in zip(EIGENVALUES, larger, smaller, strict=True):
        p = 1 + known.beta - known.eta * (1 + known.gamma) * value
        q = known.beta - known.eta * known.gamma * value
        expected = np.sort(np.abs(np.roots([1, -p, q])))
        assert np.abs([other, one]) == pytest.approx(expected, abs=1e-7)
        assert one * other == pytest.approx(q, abs=1e-12)
        assert one + other == pytest.approx(p, abs=1e-12)


def test_an_eigenvalue_below_zero_counts_as_zero():
    known = recurrence(METHODS["Nesterov"])
    assert known.factor(-0.3) == known.factor(0.0) == 1.0
    assert known.radius(EIGENVALUES).tolist() == [known.factor(value) for value in EIGENVALUES]
