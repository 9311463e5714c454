"""The parts of the inversion: modes, fits of one mode, searches, and where modes are added."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rootkappa.evidence.additive_models import inversion


@pytest.mark.parametrize("beta", [0.0, 0.6])
def test_modes_are_plain_loops(beta):
    t = np.array([0.05, 0.4, 1.0])
    found = inversion.iterates(t, beta, 5)
    before = now = np.ones(3)
    for row in found:
        np.testing.assert_allclose(row, now, atol=1e-14)
        ahead = now + beta * (now - before)
        before, now = now, ahead - t * ahead
    assert found.shape == (6, 3)


def test_modes_are_even_in_their_logarithm_up_to_1():
    t = inversion.modes(1 / 64, 7)
    np.testing.assert_allclose(t, 2.0 ** np.arange(-6, 1), rtol=1e-12)
    assert (len(inversion.modes()), inversion.modes()[0]) == (150, pytest.approx(0.004))


def _curves(t, weights, beta):
    slow = (1 - t) ** np.arange(101)[:, None]
    fast = inversion.iterates(t, beta, 100)
    return {
        name: torch.from_numpy((rows**2) @ weights) for name, rows in (("gd", slow), ("nag", fast))
    }


def test_a_spectrum_that_is_among_the_modes_is_found_exactly():
    t, weights = np.array([0.1, 0.3, 0.8]), np.array([2.0, 0.0, 5.0])
    found = inversion.fit(_curves(t, weights, 0.7), t, 0.7)
    np.testing.assert_allclose(found.weights, weights, atol=1e-7)
    assert found.worst < 1e-7
    assert found.residual <= found.worst
    assert found.t is t


def test_a_wrong_momentum_leaves_a_relative_error_that_is_told():
    t, weights = np.array([0.1]), np.array([3.0])
    curves = _curves(t, weights, 0.7)
    found = inversion.fit(curves, t, 0.5)
    # One column: the weight is a projection on it, and the errors are what is left.
    column = np.concatenate(
        [
            (1 - t) ** np.arange(101)[:, None] ** 1.0,
            inversion.iterates(t, 0.5, 60),
        ]
    )[:, 0] ** 2 / np.concatenate([curves["gd"].numpy(), curves["nag"].numpy()[:61]])
    weight = column.sum() / (column @ column)
    assert found.weights[0] == pytest.approx(weight)
    assert found.worst == pytest.approx(np.abs(weight * column - 1).max())
    assert found.residual == pytest.approx(np.sqrt(np.mean((weight * column - 1) ** 2)))


def test_the_deepest_of_several_valleys_is_found():
    def valleys(beta):
        return min(abs(beta - 0.51234) + 0.01, 2 * abs(beta - 0.78765))

    assert inversion._deepest(valleys) == pytest.approx(0.78765, abs=1e-5)
    assert inversion._bottom(lambda x: (x - 0.3) ** 2, 0.0, 1.0) == pytest.approx(0.3, abs=1e-5)


@pytest.mark.parametrize(
    ("weights", "added"),
    [
        ([0, 1, 0], [-1.5, -1.25, -0.75, -0.5]),
        ([1, 0, 0], [-1.75, -1.5]),
        ([0, 0, 1], [-0.5, -0.25]),
        ([0, 0, 0], []),
        ([1, 1, 0], [-1.75, -1.5, -1.25, -0.75, -0.5]),
    ],
    ids=["inner", "first", "last", "none", "neighbours share the middle"],
)
def test_modes_are_added_beside_those_that_have_weight(weights, added):
    t = np.array([1e-2, 1e-1, 1.0])
    found = inversion._refined(t, inversion.Fit(t, np.array(weights, dtype=float), 0.0, 0.0))
    expected = sorted([-2.0, -1.0, 0.0, *added])
    np.testing.assert_allclose(np.unique(np.log10(found).round(9)), expected, atol=1e-9)
