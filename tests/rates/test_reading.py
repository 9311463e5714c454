from types import SimpleNamespace

import numpy as np
import pytest
import torch

from rootkappa.optimizers import tunings
from rootkappa.optimizers.method import Method, gradient_descent
from rootkappa.rates import _residuals
from rootkappa.rates._reading import _lower_end, _mirrored, _share_along, read_window
from rootkappa.rates._recurrence import recurrence
from rootkappa.rates._ritz import Extreme, Ritz
from rootkappa.rates._window import windows

METHODS = [
    gradient_descent(1.0),
    gradient_descent(1.8),  # the greatest eigenvalue is the slow one
    tunings.lazy_nesterov(0.03, 1.0),
    Method(0.8, 0.0, 0.5),
]


def readings(method, iterate, weight=1.0):
    start = torch.tensor([weight, 1.0, 1.0, 1.0], dtype=torch.float64)
    run = _residuals.read(iterate(method, [0.03, 0.1, 0.5, 1.1], 80, start))
    known = recurrence(method)
    rho = max(known.factor(eigenvalue) for eigenvalue in (0.03, 0.1, 0.5, 1.1))
    return rho, [read_window(known, window, 1e-4) for window in windows(run, True)]


@pytest.mark.parametrize("method", METHODS)
def test_every_window_holds_the_factor(method, iterate):
    rho, found = readings(method, iterate)
    for reading in found:
        assert reading.low <= rho <= reading.high
        assert reading.low <= reading.factor <= reading.high
        assert np.linalg.norm(reading.direction) == pytest.approx(1)
    assert found[0].eigenvalues == pytest.approx((0.03, 1.1), abs=1e-6)


def test_the_share_falls_to_that_of_the_mode_found(iterate):
    _, (first, *_) = readings(METHODS[2], iterate, weight=1e-4)
    assert first.share == pytest.approx(0.1 * 1e-8 / 3, rel=1e-3)


def test_a_window_that_starts_near_its_noise_is_not_read(iterate):
    run = _residuals.read(iterate(METHODS[2], [0.03, 0.5], 80), noise=0.1)
    (window, *_) = windows(run, True)
    assert read_window(recurrence(METHODS[2]), window, 1e-4) is None


def test_noise_and_misfit_are_those_of_the_windows_ends(iterate):
    run = _residuals.read(iterate(METHODS[2], [0.03, 0.1, 0.5], 80), noise=1e-7)
    known = recurrence(METHODS[2])
    for window in windows(run, True):
        found = read_window(known, window, 1e-4)
        if found is None:
            break
        last = window.steps[-1]
        assert found.noise == pytest.approx(found.inflation * run.sizes[last])
        assert found.misfit == pytest.approx(
            found.inflation * run.sizes[window.first] / run.energies[window.first]
        )
        assert found.width == found.high - found.low > 0


def test_the_direction_is_that_of_the_slow_mode(iterate):
    _, (first, *_) = readings(gradient_descent(1.0), iterate)
    assert abs(first.direction[0]) == pytest.approx(1, abs=1e-6)
    _, (first, *_) = readings(gradient_descent(1.8), iterate)
    assert abs(first.direction[3]) == pytest.approx(1, abs=1e-6)


def _found(least, greatest):
    """Extreme Ritz values with their reach."""
    vector = np.array([1.0, 0.0])
    return Ritz(Extreme(*least, vector), Extreme(*greatest, vector), 1.0)


# Gradient descent with step 1 has the factor |1 - lambda|, and is fastest at 1.
DESCENT = recurrence(gradient_descent(1.0))


@pytest.mark.parametrize(
    ("found", "low", "high"),
    [
        (_found((0.1, 0.05), (1.2, 0.1)), 0.85, 0.95),
        (_found((0.5, 0.05), (1.8, 0.1)), 0.7, 0.9),
        (_found((0.3, 0.1), (0.8, 0.1)), 0.6, 0.8),
        (_found((0.9, 0.3), (1.5, 0.2)), 0.3, 0.7),
        (_found((-0.1, 0.05), (1.2, 0.1)), 1.0, 1.0),
        (_found((-0.1, 0.15), (1.2, 0.1)), 0.95, 1.0),
    ],
    ids=["least", "greatest", "one side", "across the fastest", "grows", "may stand still"],
)
def test_ends_by_hand(found, low, high):
    assert _lower_end(DESCENT, found)[0] == pytest.approx(low)
    assert _mirrored(DESCENT, found) == pytest.approx(high)


def test_a_share_is_of_the_energy_of_the_whole_state():
    extreme = Extreme(0.5, 0.0, np.array([0.6, 0.8]))
    state = np.array([[3.0, 4.0], [1.0, 0.0]])
    window = SimpleNamespace(state=lambda memory: state if memory else state[1:])
    assert _share_along(DESCENT, window, extreme) == pytest.approx(0.36)
    with_memory = recurrence(METHODS[2])
    assert _share_along(with_memory, window, extreme) == pytest.approx((25 + 0.36) / 26)
