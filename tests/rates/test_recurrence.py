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
    eta, beta, gamma = np.random.default_rng(seed).uniform([0.1, 0, 0], [2, 0.99, 0.99])
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
