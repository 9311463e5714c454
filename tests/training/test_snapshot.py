"""Observers against their definitions."""

from __future__ import annotations

import pytest
import torch

from rootkappa import (
    DeepLinear,
    DeepReLU,
    LinearResNet,
    TwoLayerReLU,
    datasets,
    gradient_descent,
    kernels,
    train,
)
from rootkappa.training import Snapshot


@pytest.mark.filterwarnings("ignore::rootkappa.problems.SpectrumWarning")
def test_observers_say_what_their_names_say(model, rounding):
    start, now = model.initialise([0, 1]), model.initialise([2, 3])
    snapshot = Snapshot(model, 7, now, start)
    apart = max(float((b[1] - a[1]).norm() / a[1].norm()) for a, b in zip(start, now, strict=True))
    assert float(snapshot.distance_from_start()[1]) == pytest.approx(apart, rel=rounding)
    squares = sum(float((b[1] - a[1]).square().sum()) for a, b in zip(start, now, strict=True))
    assert float(snapshot.displacement()[1]) == pytest.approx(squares**0.5, rel=rounding)
    H, G = kernels.empirical(model, start)[1], kernels.empirical(model, now)[1]
    drift = float((G - H).norm() / H.norm())
    assert float(snapshot.kernel_drift()[1]) == pytest.approx(drift, rel=1e-4, abs=1e-6)
    top = float(torch.linalg.eigvalsh(G)[-1])
    assert float(snapshot.kernel_extremes()[1, 1]) == pytest.approx(top, rel=1e-4)


def test_relu_observers_against_loops():
    data = datasets.sphere(d=3, n=4)
    model = TwoLayerReLU(data.X, data.Y, 6)
    start, now = model.initialise([0, 1]), model.initialise([2, 3])
    now[1] = start[1]
    snapshot = Snapshot(model, 1, now, start)
    for r in range(2):
        moves = [float((now[0][r, i] - start[0][r, i]).norm()) for i in range(6)]
        assert float(snapshot.largest_displacement()[r]) == pytest.approx(max(moves))
        assert float(snapshot.displacement()[r]) == pytest.approx(sum(m * m for m in moves) ** 0.5)
        flips = sum(
            bool(now[0][r, i] @ data.X[:, j] >= 0) != bool(start[0][r, i] @ data.X[:, j] >= 0)
            for i in range(6)
            for j in range(4)
        )
        assert float(snapshot.flipped_share()[r]) == pytest.approx(flips / 24)


def test_flips_of_a_deep_network_are_counted_over_all_hidden_units():
    data = datasets.gaussian(d=3, n=5)
    model = DeepReLU(data.X, data.Y, [4, 7])
    start, now = model.initialise([0, 1]), model.initialise([2, 3])
    pairs = zip(model.features(start)[1:], model.features(now)[1:], strict=True)
    flips = sum(((a[1] > 0) != (b[1] > 0)).sum() for a, b in pairs)
    seen = Snapshot(model, 1, now, start).flipped_share()
    assert float(seen[1]) == pytest.approx(int(flips) / (5 * (4 + 7)))


def test_flips_need_a_relu_network():
    data = datasets.gaussian(d=3, n=4)
    model = DeepLinear(data.X, data.Y, 5, 2)
    weights = model.initialise([0])
    with pytest.raises(TypeError, match="DeepLinear has no activation patterns: ask a ReLU"):
        Snapshot(model, 0, weights, weights).flipped_share()


def test_a_distance_from_zero_is_refused():
    data = datasets.gaussian(d=3, n=4)
    model = LinearResNet.identity(data.X, data.Y, 5, 2)
    weights = model.initialise([0])
    with pytest.raises(ValueError, match=r"2 of 2 layers start at zero, .* Snapshot.displacement"):
        Snapshot(model, 0, weights, weights).distance_from_start()


def test_each_kernel_is_counted_by_itself():
    # Dead units lower the rank of a kernel; the other replica must not hide it.
    data = datasets.sphere(d=3, n=6)
    model = TwoLayerReLU(data.X, data.Y, 4)
    weights = model.initialise(range(6))
    together = Snapshot(model, 0, weights, weights).kernel_extremes()
    ranks = {len(spectrum.eigenvalues) for spectrum in model.spectra(weights)}
    assert len(ranks) > 1
    for row in range(6):
        alone = [layer[row : row + 1] for layer in weights]
        torch.testing.assert_close(
            Snapshot(model, 0, alone, alone).kernel_extremes()[0], together[row], rtol=1e-9, atol=0
        )


def test_each_replica_is_observed_through_its_own_model():
    data = datasets.gaussian(d=3, k=2, n=5)
    model = LinearResNet.gaussian(data.X, data.Y, 40, 2, seeds=range(3))
    weights = model.initialise(range(3))

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


def test_the_end_of_a_run_is_a_snapshot():
    data = datasets.sphere(d=3, n=4)
    model = TwoLayerReLU(data.X, data.Y, 32)
    observers = {"moved": Snapshot.displacement, "drift": Snapshot.kernel_drift}
    run = train(
        model,
        gradient_descent(0.5),
        model.initialise([0, 1]),
        30,
        observers=observers,
        observe_at=[0, 30],
    )
    end = run.snapshot()
    assert end.step == 30
    assert torch.equal(run.observed["moved"][:, 0], torch.zeros(2, dtype=torch.float64))
    torch.testing.assert_close(run.observed["moved"][:, 1], end.displacement())
    torch.testing.assert_close(run.observed["drift"][:, 1], end.kernel_drift())


def test_only_the_layers_that_start_at_zero_are_counted():
    data = datasets.gaussian(d=3, n=4)
    model = DeepLinear(data.X, data.Y, 5, 3)
    start = model.initialise([0, 1])
    start[1][1] = 0.0
    now = Snapshot(model, 3, model.initialise([2, 3]), start)
    with pytest.raises(
        ValueError, match=r"^1 of 3 layers start at zero, so no distance is relative"
    ):
        now.distance_from_start()
    assert now.displacement().shape == (2,)


def test_the_largest_displacement_is_that_of_a_row_of_the_first_layer():
    data = datasets.gaussian(d=3, k=2, n=4)
    model = DeepLinear(data.X, data.Y, 5, 2)
    start = model.initialise([0, 1])
    now = [layer.clone() for layer in start]
    now[0][0, 2] += torch.tensor([3.0, 0.0, 4.0], dtype=torch.float64)
    now[0][1, :, 1] += 2.0
    now[1] += 100.0
    found = Snapshot(model, 1, now, start).largest_displacement()
    assert found.tolist() == pytest.approx([5.0, 2.0], rel=1e-12)


def test_at_the_start_nothing_has_moved(model):
    weights = model.initialise([0, 1])
    now = Snapshot(model, 0, weights, weights)
    for seen in (now.displacement(), now.largest_displacement(), now.kernel_drift()):
        assert seen.tolist() == [0.0, 0.0]
