"""Paths, minimisers and what was met on the way, on problems that can be done by hand."""

from __future__ import annotations

import math
from types import SimpleNamespace

import pytest
import torch

from rootkappa import Quadratic, TwoLayerReLU, datasets
from rootkappa.evidence.local_global import paths
from rootkappa.optimizers import gradient_descent, heavy_ball

ONE = torch.ones(1, dtype=torch.float64)
BOWL = Quadratic.with_spectrum([1.0, 4.0])


def _at(*rows):
    return [torch.tensor(rows, dtype=torch.float64)[..., None]]


def test_a_path_ends_where_rounding_takes_over():
    losses = torch.tensor(
        [[1.0, 1e-3, 1e-15, 1e-17, 1e-2], [4.0, 2.0, 1.0, 0.5, 0.25], [1.0, 0.0, 0.0, 0.0, 0.0]]
    ).double()
    path = paths.Path(losses, *(torch.arange(3.0) for _ in range(3)))
    assert path.stopped_at.tolist() == [2, 4, 0]
    assert path.residual_norms[1].tolist() == pytest.approx([8**0.5, 2, 2**0.5, 1, 0.5**0.5])
    one = path.of(1)
    assert one.losses.tolist() == losses[1:2].tolist()
    assert (one.pl.tolist(), one.lipschitz.tolist(), one.flips.tolist()) == ([1], [1], [1])


def test_what_is_sent_back_is_the_transposed_jacobian():
    vector = torch.tensor([[[3.0], [5.0]]], dtype=torch.float64)
    (found,) = paths.jacobian_transposed(BOWL, _at([7.0, 7.0]), vector)
    assert found[0, :, 0].tolist() == [3.0, 10.0]


def test_a_layer_that_is_not_trained_is_sent_nothing():
    data = datasets.sphere(d=3, n=4)
    model = TwoLayerReLU(data.X, data.Y, 6)
    weights = model.initialise([0])
    inner, outer = paths.jacobian_transposed(model, weights, model.residual(weights))
    torch.testing.assert_close(inner, model.gradient(weights)[0])
    assert outer.shape == weights[1].shape
    assert not outer.any()


def test_least_squares_are_met_in_one_step_of_least_norm():
    J = torch.tensor([[1.0, 2.0, 0.0], [0.0, 1.0, 1.0]], dtype=torch.float64)
    model = Quadratic(J, torch.tensor([2.0, 3.0], dtype=torch.float64))
    start = _at([5.0, 1.0, 4.0], [6.0, 6.0, 6.0])
    (found,) = paths.minimiser(model, start)
    for row in range(2):
        residual = J @ start[0][row, :, 0] - model.Y[:, 0]
        nearest = start[0][row, :, 0] - torch.linalg.pinv(J) @ residual
        torch.testing.assert_close(found[row, :, 0], nearest)


@pytest.mark.parametrize(("room", "ends"), [(0.0, (1.0, 4.0)), (0.25, (0.75, 5.0))])
def test_constants_are_told_with_some_room(room, ends):
    (told,) = paths.spectra(BOWL, _at([0.0, 0.0]), room)
    assert (told.lambda_min, told.lambda_max) == pytest.approx(ends)


def test_a_start_lies_as_far_away_as_is_said():
    weights = [torch.ones(2, 3, 2).double(), 2 * torch.ones(2, 1, 3).double()]
    moved = paths.nearby(weights, [0.1, 0.02], 5)
    for row, share in enumerate((0.1, 0.02)):
        away = sum(float((a - b)[row].square().sum()) for a, b in zip(moved, weights, strict=True))
        assert math.sqrt(away) == pytest.approx(share * math.sqrt(6 + 12))
    again, other = paths.nearby(weights, [0.1, 0.02], 5), paths.nearby(weights, [0.1, 0.02], 6)
    assert torch.equal(moved[0], again[0])
    assert not torch.equal(moved[0], other[0])


def test_a_quadratic_meets_its_own_constants():
    path = paths.follow(BOWL, _at([1.0, 0.0], [0.0, 1.0]), [gradient_descent(0.1)] * 2, 5)
    # Along one eigenvector everything is that eigenvalue.
    assert path.pl.tolist() == pytest.approx([1.0, 4.0])
    assert path.lipschitz.tolist() == pytest.approx([1.0, 4.0])
    assert path.losses[0].tolist() == pytest.approx([0.5 * 0.81**t for t in range(6)])
    assert path.losses[1].tolist() == pytest.approx([2 * 0.36**t for t in range(6)])
    assert not path.flips.any()


def test_each_replica_runs_with_its_own_method():
    methods = [gradient_descent(0.2), heavy_ball(0.1, 0.5)]
    both = paths.follow(BOWL, _at([1.0, 1.0], [1.0, 1.0]), methods, 8)
    for row, method in enumerate(methods):
        alone = paths.follow(BOWL, _at([1.0, 1.0]), [method], 8)
        torch.testing.assert_close(both.losses[row : row + 1], alone.losses)
        torch.testing.assert_close(both.pl[row : row + 1], alone.pl)


def test_what_lies_below_the_floor_is_not_looked_at():
    # After one exact step the loss is 0, and quotients of rounding would be anything.
    path = paths.follow(BOWL, _at([1.0, 0.0]), [gradient_descent(1.0)], 4)
    assert path.losses[0].tolist() == [0.5, 0, 0, 0, 0]
    assert path.pl.tolist() == [1.0]
    assert path.lipschitz.tolist() == [0.0]


def test_a_flip_on_the_way_is_counted_and_the_report_is_not_smooth():
    X = torch.tensor([[1.0]], dtype=torch.float64)
    model = TwoLayerReLU(X, -X, 2, scaling="none")
    weights = [torch.tensor([[[0.2], [1.0]]]).double(), torch.tensor([[[1.0, -1.0]]]).double()]
    # The residual is 0.2 - 1 + 1, so that the first neuron moves from 0.2 to -0.2.
    path = paths.follow(model, weights, [gradient_descent(2.0)], 2)
    assert path.flips.tolist() == [1.0]
    assert paths.follow(model, weights, [gradient_descent(0.9)], 2).flips.tolist() == [0.0]
    seen = []
    theorem = SimpleNamespace(along=lambda *numbers, smooth: seen.append((*numbers, smooth)))
    made = paths.Path(torch.ones(2, 1), *(torch.tensor(x) for x in ([1.0, 2], [3.0, 4], [0.0, 5])))
    paths.reports(theorem, ["one", "two"], made)
    assert seen == [("one", 1.0, 3.0, True), ("two", 2.0, 4.0, False)]


def test_ratios_are_taken_replica_by_replica():
    theorem = SimpleNamespace(worst_ratio=lambda told, path: told * path.losses[0, 0])
    path = paths.Path(torch.tensor([[2.0], [3.0]]), *(torch.zeros(2) for _ in range(3)))
    assert paths.worst_ratios(theorem, [0.5, 0.25], path) == [1.0, 0.75]
