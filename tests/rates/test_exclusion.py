import numpy as np
import pytest
import torch

from rootkappa.optimizers import nesterov
from rootkappa.optimizers.method import Method, gradient_descent, heavy_ball
from rootkappa.rates import _residuals
from rootkappa.rates._exclusion import (
    Christoffel,
    _least_over_states,
    _rest,
    _square,
    slowest_possible,
)
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


def test_a_state_that_is_not_known_is_the_one_that_is_seen_least():
    """Of complex roots: the least singular value of both columns, squared, by numpy."""
    known, rng = recurrence(heavy_ball(1.0, 0.81)), np.random.default_rng(1)
    form = Christoffel.of(rng.standard_normal((9, 4)), rng.uniform(0.1, 1, 9))
    values, times = np.array([0.1, 0.5, 2.0]), np.arange(1.0, 10.0)
    found = _least_over_states(known, form, values, times)
    for value, seen in zip(values, found, strict=True):
        columns = []
        for state in ((1.0, 0.0), (0.0, 1.0)):  # x_a and x_(a-1)
            now, before = state
            path = []
            for _ in times:
                now, before = (1.81 - value) * now - 0.81 * before, now
                path.append(now)
            columns.append(form.root(np.array(path)[:, None])[:, 0])
        least = np.linalg.svd(np.stack(columns, 1), compute_uv=False)[-1] ** 2
        assert seen == pytest.approx(least, rel=1e-8)


def test_what_is_left_orthogonally_by_hand():
    columns, others = np.array([[3.0, 1.0], [4.0, 1.0]]), np.array([[1.0, 0.0], [0.0, 0.0]])
    # Beside a column of zeros all is left.
    assert _rest(columns, others).tolist() == [[0.0, 1.0], [4.0, 1.0]]
    assert _square(columns).tolist() == [25.0, 2.0]


@pytest.mark.parametrize("method", METHODS[:1] + METHODS[2:])
def test_a_smaller_share_excludes_less(method, iterate):
    ends = [end(method, iterate, share, weight=1e-3, found=0.3) for share in (1e-20, 1e-8, 1e-2)]
    assert ends[0] >= ends[1] >= ends[2]
    assert ends[0] > ends[2]


def test_nothing_slower_than_what_is_known_gives_what_is_known(iterate):
    method = METHODS[0]
    run = _residuals.read(iterate(method, [0.02, 0.3, 0.9], 60))
    window = Window(run, 0, np.arange(1, 60), at_rest=True)
    noise = np.full(len(window.rows), 1e-14)
    args = (recurrence(method), window, noise, 1e-6, (0.021, 1.0))
    assert slowest_possible(*args, 0.999) == 0.999
