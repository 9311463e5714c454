"""Observers against their definitions."""

from __future__ import annotations

import pytest
import torch

from rootkappa import DeepLinear, TwoLayerReLU, datasets, gradient_descent, kernels, train, training
from rootkappa.reductions import sample_linear_resnet
from rootkappa.training import Snapshot, displacement, flipped_share, largest_displacement


@pytest.mark.filterwarnings("ignore::rootkappa.problems.SpectrumWarning")
def test_observers_say_what_their_names_say(model, rounding):
    start, now = model.initialise([0, 1]), model.initialise([2, 3])
    snapshot = training.Snapshot(model, 7, now, start)
    apart = max(float((b[1] - a[1]).norm() / a[1].norm()) for a, b in zip(start, now, strict=True))
    assert float(training.distance_from_start(snapshot)[1]) == pytest.approx(apart, rel=rounding)
    H, G = kernels.empirical(model, start)[1], kernels.empirical(model, now)[1]
    drift = float((G - H).norm() / H.norm())
    assert float(training.kernel_drift(snapshot)[1]) == pytest.approx(drift, rel=1e-4, abs=1e-6)
    top = float(torch.linalg.eigvalsh(G)[-1])
    assert float(training.kernel_extremes(snapshot)[1, 1]) == pytest.approx(top, rel=1e-4)


def test_relu_observers_against_loops():
    data = datasets.sphere(d=3, n=4)
    model = TwoLayerReLU(data.X, data.Y, 6)
    start, now = model.initialise([0, 1]), model.initialise([2, 3])
    now[1] = start[1]
    snapshot = Snapshot(model, 1, now, start)
    for r in range(2):
        moves = [float((now[0][r, i] - start[0][r, i]).norm()) for i in range(6)]
        assert float(largest_displacement(snapshot)[r]) == pytest.approx(max(moves))
        assert float(displacement(snapshot)[r]) == pytest.approx(sum(m * m for m in moves) ** 0.5)
        flips = sum(
            bool(now[0][r, i] @ data.X[:, j] >= 0) != bool(start[0][r, i] @ data.X[:, j] >= 0)
            for i in range(6)
            for j in range(4)
        )
        assert float(flipped_share(snapshot)[r]) == pytest.approx(flips / 24)


def test_flips_need_a_relu_network():
    data = datasets.gaussian(d=3, n=4)
    model = DeepLinear(data.X, data.Y, 5, 2)
    weights = model.initialise([0])
    with pytest.raises(TypeError, match="DeepLinear has no activation patterns: ask a ReLU"):
        flipped_share(Snapshot(model, 0, weights, weights))


def test_each_replica_is_observed_through_its_own_model():
    data = datasets.gaussian(d=3, k=2, n=5)
    model, weights = sample_linear_resnet(data.X, data.Y, 40, 2, seeds=range(3))

    def squared(snapshot):
        return snapshot.model.residual(snapshot.weights).square().sum((1, 2)) / 2

    run = train(
        model,
        gradient_descent(0.01),
        weights,
        5,
        observers={"loss": squared},
        observe_at=[5],
        chunk=2,
    )
    torch.testing.assert_close(run.observed["loss"][:, 0], run.losses[:, 5])
