import numpy as np
import pytest
import torch

from rootkappa.optimizers import nesterov
from rootkappa.optimizers.method import Method, gradient_descent, heavy_ball
from rootkappa.rates import _residuals
from rootkappa.rates._exclusion import Christoffel, slowest_possible
from rootkappa.rates._recurrence import recurrence
from rootkappa.rates._window import Window

METHODS = [gradient_descent(1.0), heavy_ball(1.0, 0.81), nesterov(1.0, 0.8), Method(0.8, 0.0, 0.5)]


def test_the_form_against_its_definition():
    rng = np.random.default_rng(0)
    xi, noise, answers = rng.standard_normal((9, 4)), rng.uniform(0.1, 1, 9), rng.random((9, 3))
    inverse = np.linalg.inv(xi @ xi.T + np.diag(noise**2))
    expected = np.einsum("im,ij,jm->m", answers, inverse, answers)
    found = (Christoffel.of(xi, noise).root(answers) ** 2).sum(0)
    np.testing.assert_allclose(found, expected, rtol=1e-10)


def end(method, iterate, share, first=0, weight=1.0, found=0.021):
    start = torch.tensor([weight, 1.0, 1.0], dtype=torch.float64)
    residuals = iterate(method, [0.02, 0.3, 0.9], 60, start)
    run = _residuals.read(residuals)
    window = Window(run, first, np.arange(first + 1, 60), at_rest=first == 0)
    noise = np.full(len(window.rows), 1e-14)
    return slowest_possible(recurrence(method), window, noise, share, (found, 1.0), 0.0)


@pytest.mark.parametrize("first", [0, 6])
@pytest.mark.parametrize("method", METHODS)
def test_a_mode_in_the_run_is_not_excluded_and_slower_ones_are(method, first, iterate):
    known = recurrence(method)
    found = end(method, iterate, 1e-6, first)
    assert known.factor(0.02) <= found * (1 + 1e-9)
    assert found <= known.factor(0.02 * (1 - 1e-3))


@pytest.mark.parametrize("method", METHODS)
def test_a_mode_below_the_share_is_missed_and_one_above_it_is_not(method, iterate):
    known = recurrence(method)
    if known.gamma or not known.beta:  # all modes of heavy ball are as slow
        assert end(method, iterate, 1e-2, weight=1e-9, found=0.3) < known.factor(0.02)
    assert end(method, iterate, 1e-20, weight=1e-9) >= known.factor(0.02)
