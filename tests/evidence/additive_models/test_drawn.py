"""What is drawn, on its logarithmic scale and part by part."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rootkappa.evidence.additive_models import quotients
from rootkappa.evidence.additive_models.drawn import _seed, between, drawn


@pytest.mark.parametrize(
    ("ends", "place", "number"),
    [((4, 64), 0, 4), ((4, 64), 1, 64), ((4, 64), 0.5, 16), ((0.0, 0.0), 0.7, 0), ((3, 3), 0.2, 3)],
)
def test_a_place_between_two_numbers_is_one_of_their_logarithms(ends, place, number):
    assert between(ends, place) == pytest.approx(number)


def test_matrices_starts_and_numbers_have_seeds_of_their_own():
    seeds = {_seed(part, seed) for part in ("numbers", "model", "start") for seed in range(9)}
    assert len(seeds) == 27


def test_every_activation_is_drawn_and_one_that_is_asked_for_is_taken():
    ends = torch.tensor([-1.0, 1.0])
    slopes = {tuple(drawn(seed).model.activation.derivative(ends).tolist()) for seed in range(12)}
    assert len(slopes) == 3
    relu = drawn(0, activation="relu").model.activation
    assert relu.derivative(torch.tensor([-1.0, 1.0])).tolist() == [0.0, 1.0]


def test_a_draw_without_u_has_no_second_matrix():
    draw = drawn(3, (0.0, 0.0))
    assert draw.strength == draw.told.G1 == 0
    assert not draw.model.A2.any()
    spread = drawn(3, (0.0, 0.0), kappas=(500.0, 500.0))
    assert spread.told.kappa == pytest.approx(500)
    values = np.linalg.svd(spread.model.A1.numpy(), compute_uv=False) ** 2
    assert (values[0], values[-1]) == (pytest.approx(500), pytest.approx(1))


def test_the_leading_vector_is_stretched_the_most():
    matrix = torch.randn(5, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    vector = quotients.leading(matrix)
    assert vector.shape == (4, 1)
    stretched = float((matrix @ vector).norm())
    assert stretched == pytest.approx(float(torch.linalg.svdvals(matrix)[0]))


def test_lengths_of_columns():
    columns = torch.tensor([[[3.0], [4.0]], [[0.0], [-2.0]]])
    assert quotients.lengths(columns).tolist() == [5.0, 2.0]


@pytest.mark.parametrize("activation", ["relu", "leaky relu", "tanh"])
def test_slopes_stay_full_along_the_steepest_step(activation):
    model = drawn(2, (1.0, 1.0), activation=activation).model
    u, reach = quotients.steepest(model)
    assert u.shape == (40, 1)
    for sign in (1, -1):
        ahead = model.A2 @ (u + sign * reach * quotients.leading(model.A2))
        np.testing.assert_allclose(model.activation.derivative(ahead).numpy(), 1, atol=1.1e-8)
