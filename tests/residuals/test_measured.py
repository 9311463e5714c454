"""Measured constants against the Jacobians of automatic differentiation."""

from __future__ import annotations

import pytest
import torch

from rootkappa import DeepLinear, DeepReLU, datasets
from rootkappa.architectures import RotatedReLU
from rootkappa.residuals import measured, measured_constants, searched_constants
from rootkappa.residuals.measured import mean_gram


def _network(widths=(6, 12), k=2):
    data = datasets.gaussian(d=4, k=k, n=5)
    return DeepReLU(data.X, data.Y, widths)


def _flat(blocks):
    return torch.cat([block.flatten(1) for block in blocks], dim=1)


@pytest.mark.parametrize("moved", [False, True])
def test_the_constants_are_those_of_the_jacobians(moved):
    network = _network()
    start = network.initialise([0])
    weights = [a + 0.05 * b for a, b in zip(start, network.initialise([9]), strict=True)]
    weights = weights if moved else start
    ours = measured_constants(network, weights, start)
    rotated = RotatedReLU.at(network, start)
    layers = [layer[0] for layer in rotated.rotate(weights)]
    x = len(layers) - 2

    def outputs(*point):
        return rotated.predict([layer[None] for layer in point])[0].flatten()

    def partial_gradient(*point):
        return rotated.gradient([layer[None] for layer in point])[x][0].flatten()

    J = torch.autograd.functional.jacobian(outputs, tuple(layers))
    D = torch.autograd.functional.jacobian(partial_gradient, tuple(layers))
    curvature = torch.linalg.svdvals(J[x].flatten(1)).square()
    expected = (
        curvature[-1],
        curvature[0],
        torch.linalg.svdvals(_flat([block for i, block in enumerate(J) if i != x]))[0],
        torch.linalg.svdvals(_flat([block for i, block in enumerate(D) if i != x]))[0],
    )
    for value, exact in zip((ours.mu, ours.L1, ours.G1, ours.G2), expected, strict=True):
        torch.testing.assert_close(value[0], exact)


def test_one_replica_is_a_problem_of_the_class():
    network = _network()
    both = measured_constants(network, network.initialise([0, 1]))
    problem = both.of(1)
    assert problem.kappa == pytest.approx(float(both.kappa[1]))
    assert problem.perturbation == pytest.approx(float(both.control[1]))


def test_wide_features_have_the_gram_matrix_of_the_arc_cosine_kernel():
    network = _network((6, 200_000), k=1)
    weights = network.initialise([0])
    last = network.features(weights)[-1][0]
    mean = mean_gram(network, weights)[0]
    assert float((last.T @ last / 200_000 - mean).norm() / mean.norm()) < 0.02


def test_each_replica_has_its_own_constants():
    network = _network()
    both = measured_constants(network, network.initialise([0, 1]))
    alone = measured_constants(network, network.initialise([1]))
    for name in ("mu", "L1", "G1", "G2", "kappa", "control"):
        torch.testing.assert_close(getattr(both, name)[1:], getattr(alone, name))


def test_a_search_never_reports_better_constants_than_its_centre():
    network = _network(k=1)
    weights = network.initialise([0])
    exact = measured_constants(network, weights)
    found = searched_constants(network, weights, radius=0.3, steps=5)
    assert found.mu < 0.98 * exact.mu
    assert all(getattr(found, name) > getattr(exact, name) for name in ("L1", "G1", "G2"))
    assert "true mu may be smaller" in found.how


def test_replicas_are_searched_one_by_one():
    network = _network(k=1)
    weights = network.initialise([0, 1])
    both = searched_constants(network, weights, radius=0.3, steps=2)
    alone = searched_constants(network, network.initialise([1]), radius=0.3, steps=2)
    for name in ("mu", "L1", "G1", "G2"):
        torch.testing.assert_close(getattr(both, name)[1:], getattr(alone, name), rtol=1e-9, atol=0)


def test_a_dead_sample_has_a_gram_row_of_zeros():
    network = DeepReLU(torch.eye(3).double(), torch.ones(1, 3).double(), [4, 8])
    weights = network.initialise([0])
    weights[0][0, :, 1] = -1.0
    gram = mean_gram(network, weights)[0]
    assert torch.isfinite(gram).all()
    assert gram[1].tolist() == [0.0, 0.0, 0.0]


LINEAR = DeepLinear(torch.ones(2, 3).double(), torch.ones(1, 3).double(), 8, 2)


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda m, w: searched_constants(m, w, 0.0), ValueError, "radius must be .* got 0"),
        (lambda m, w: searched_constants(m, w, 1.0, 0), ValueError, "steps must be at .* got 0"),
        (
            lambda m, w: searched_constants(m, w, 1.0, 1.5),
            TypeError,
            "steps must be a whole .* 1.5",
        ),
        (
            lambda m, w: measured_constants(_network((5,)), w[::2]),
            ValueError,
            "weights have shapes",
        ),
        (
            lambda m, w: measured_constants(_network((5,)), _network((5,)).initialise([0])),
            ValueError,
            "5 units for n = 5 samples",
        ),
        (
            lambda m, w: measured_constants(m, m.initialise([0, 1]), w),
            ValueError,
            "got 2 replicas and 1 starts: give one start each",
        ),
        (lambda m, w: measured_constants(LINEAR, w), TypeError, "a DeepReLU, got a DeepLinear"),
        (lambda m, w: mean_gram(LINEAR, w), TypeError, "a DeepReLU, got a DeepLinear"),
        (lambda m, w: measured_constants(m, w).of(1), ValueError, "1 replicas, .* got 1: choose"),
        (lambda m, w: measured_constants(m, w).of(-1), ValueError, "at least 0, got -1"),
    ],
)
def test_bad_arguments_are_named(call, kind, message):
    network = _network()
    with pytest.raises(kind, match=message):
        call(network, network.initialise([0]))


def test_the_ascent_walks_in_steps_of_the_ball_and_stays_in_it():
    # In twenty steps of a tenth of the radius the top at 0.3 is passed within half a step; the
    # slope 2 x grows up to the surface, and a function without slope stays where it is.
    centre = [torch.zeros(1, 1, 1).double()]
    top = measured._ascend(lambda at: -(at[0] - 0.3).square().sum(), centre, 1.0, 20)
    assert -(0.05**2) - 1e-12 < top <= 0
    assert measured._ascend(lambda at: at[0].sum(), centre, 0.5, 3) == pytest.approx(0.5)
    assert measured._ascend(lambda at: 0 * at[0].sum() + 7, centre, 1.0, 2) == 7


@pytest.mark.parametrize("k", [1, 2])
def test_a_search_in_a_tiny_ball_finds_the_constants_of_its_centre(k):
    network = _network(k=k)
    weights = network.initialise([0, 1])
    exact = measured_constants(network, weights)
    found = searched_constants(network, weights, radius=1e-9, steps=1)
    for name in ("mu", "L1", "G1", "G2"):
        torch.testing.assert_close(getattr(found, name), getattr(exact, name), rtol=1e-6, atol=0)


def test_the_order_of_samples_and_of_units_changes_no_constant():
    network = _network()
    weights = network.initialise([0])
    exact = measured_constants(network, weights)
    order = [3, 1, 4, 0, 2]
    turned = DeepReLU(network.X[:, order], network.Y[:, order], network.widths)
    units = torch.randperm(6, generator=torch.Generator().manual_seed(1))
    permuted = [weights[0][:, units], weights[1][:, :, units], weights[2]]
    for other in (measured_constants(turned, weights), measured_constants(network, permuted)):
        for name in ("mu", "L1", "G1", "G2"):
            torch.testing.assert_close(
                getattr(other, name), getattr(exact, name), rtol=1e-8, atol=0
            )


def test_one_of_several_replicas_is_a_problem_by_hand():
    numbers = torch.tensor([1.0, 2.0]), torch.tensor([4.0, 9.0])
    found = measured.MeasuredConstants(*numbers, 3 * numbers[0], 5 * numbers[0], "by hand")
    assert found.kappa.tolist() == [4, 4.5]
    assert found.control.tolist() == pytest.approx([3, 6 / 2**0.5])
    second = found.of(1)
    assert (second.mu, second.L1, second.L2, second.G1, second.G2) == (2, 9, 1, 6, 10)
    assert second.R_x == second.R_u == float("inf")


@pytest.mark.parametrize(
    ("far", "pulled"),
    [(0.5, 0.5), (1.0, 1.0), (4.0, 1.0), (0.0, 0.0)],
    ids=["inside", "on the surface", "outside", "at the centre"],
)
def test_a_point_is_pulled_into_the_ball_of_all_layers_together(far, pulled):
    source = torch.Generator().manual_seed(0)
    centre = [torch.randn(1, 2, 3, generator=source), torch.randn(1, 1, 2, generator=source)]
    away = torch.ones(8) / 8**0.5
    parts = [away[:6].reshape(1, 2, 3), away[6:].reshape(1, 1, 2)]
    point = [c + far * part for c, part in zip(centre, parts, strict=True)]
    found = measured._pull(point, centre, 1.0)
    for got, c, part in zip(found, centre, parts, strict=True):
        torch.testing.assert_close(got, c + pulled * part)


def test_a_search_stays_in_its_ball_and_takes_the_worst_point_of_the_way(monkeypatch):
    network = _network(k=1)
    weights = network.initialise([0])
    seen = []
    original = measured._constants

    def watched(network, layers, Q):
        values = original(network, layers, Q)
        moved = sum((a - b).square().sum() for a, b in zip(layers, weights, strict=True))
        seen.append((float(moved.detach()) ** 0.5, [float(v.detach()) for v in values]))
        return values

    monkeypatch.setattr(measured, "_constants", watched)
    found = searched_constants(network, weights, radius=0.2, steps=3)
    # Of each constant four values are taken, and the three points below an ascent once more.
    assert len(seen) == 4 * 7
    assert max(far for far, _ in seen) == pytest.approx(0.2, rel=1e-9)
    for index, name in enumerate(("mu", "L1", "G1", "G2")):
        way = [values[index] for _, values in seen[7 * index : 7 * index + 7]]
        worst = min(way) if name == "mu" else max(way)
        assert float(getattr(found, name)) == pytest.approx(worst, rel=1e-9)
    assert found.how.startswith("worst of 4 points of gradient ascent in a ball of radius 0.2:")
