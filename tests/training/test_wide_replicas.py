"""Several replicas of a wide network: what they share, what each has of its own, and refusals."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rootkappa import Batches, TwoLayerReLU, datasets, gradient_descent, heavy_ball, nesterov, train
from rootkappa.reductions import CountedNeurons
from rootkappa.training import Snapshot, train_wide, wide

DATA = datasets.sphere(d=4, n=6, seed=1)
MODEL = TwoLayerReLU(DATA.X, 0.1 * DATA.Y, 400, "antisymmetric")
GD = gradient_descent(0.4)


@pytest.fixture
def surveys(monkeypatch):
    """The neurons that were read, one entry a pass."""
    seen = []
    survey = wide.survey
    monkeypatch.setattr(wide, "survey", lambda *given: seen.append(given[0]) or survey(*given))
    return seen


@pytest.mark.parametrize(("seeds", "passes"), [([3], 1), ([3, 4, 3, 3], 2), ([3, 4], 2)])
def test_methods_that_begin_at_the_same_neurons_share_what_is_read_off_them(surveys, seeds, passes):
    methods = [gradient_descent(0.1 * (1 + row)) for row in range(len(seeds))]
    run = train_wide(MODEL, methods, CountedNeurons(seeds), 9)
    assert len(surveys) == passes
    assert run.axes == {"replica": tuple(range(len(seeds)))}
    assert (run.methods, run.rows) == (tuple(methods), tuple((row,) for row in range(len(seeds))))
    direct = train(MODEL, methods, CountedNeurons(seeds).draw(MODEL), 9)
    torch.testing.assert_close(run.residual_norms, direct.residual_norms, rtol=1e-9, atol=1e-13)
    assert len(run.work) == len(seeds)


def test_stored_weights_are_read_one_by_one_and_left_alone(surveys):
    weights = MODEL.initialise([5, 6])
    kept = [layer.clone() for layer in weights]
    run = train_wide(MODEL, GD, weights, 9)
    assert len(surveys) == 2
    assert all(map(torch.equal, weights, kept))
    assert all(map(torch.equal, run.start, kept))


def test_minibatches_weigh_the_samples_of_each_step_as_those_of_the_loop():
    batches = Batches(2, [7], "epoch")
    found, exact = wide._shares(batches, 11, 6), batches.shares(6, [0])
    assert found.shape == (11, 6)
    for t in range(11):
        assert found[t].tolist() == exact(t)[0].tolist()
    np.testing.assert_array_equal(wide._shares(None, 3, 6), np.ones((3, 6)))


def test_replicas_take_the_batches_of_their_own_seeds():
    batches, methods = Batches(2, [7, 8, 7]), [GD, GD, heavy_ball(0.2, 0.5)]
    run = train_wide(MODEL, methods, CountedNeurons([1, 1, 1]), 30, batches=batches)
    for row in range(3):
        alone = Batches(2, [batches.seeds[row]])
        own = train_wide(MODEL, methods[row], CountedNeurons([1]), 30, batches=alone)
        torch.testing.assert_close(own.residual_norms[0], run.residual_norms[row])
    assert not torch.allclose(run.residual_norms[0], run.residual_norms[1], rtol=1e-3)


@pytest.mark.parametrize("hand_over", [True, False])
def test_a_replica_that_is_handed_over_has_the_same_record(hand_over):
    model = TwoLayerReLU(DATA.X, 20 * DATA.Y, 400)
    looks = {"observers": {"moved": Snapshot.displacement}, "observe_at": [0, 5]}
    run = train_wide(model, GD, CountedNeurons([2]), 9, hand_over=hand_over, **looks)
    (work,) = run.work
    assert (work.reduced, work.counts is None) == (not hand_over, hand_over)
    assert work.forecast.warm_share > max(wide.PAYS.values())
    direct = train(model, GD, CountedNeurons([2]).draw(model), 9, **looks)
    torch.testing.assert_close(run.residual_norms, direct.residual_norms, rtol=1e-9, atol=1e-12)
    torch.testing.assert_close(
        run.observed["moved"], direct.observed["moved"], rtol=1e-9, atol=1e-12
    )
    assert run.residuals is None


def _run(methods=GD, weights=None, steps=5, **options):
    return train_wide(MODEL, methods, weights or CountedNeurons([0]), steps, **options)


ADAM = torch.optim.Adam([torch.zeros(1, requires_grad=True)])
REFUSED = {
    "two methods": (
        lambda: _run([GD, GD]),
        ValueError,
        "got 2 methods for 1 replicas: give one met",
    ),
    "no methods": (
        lambda: _run([]),
        ValueError,
        "got 0 methods for 1 replicas: give one method, or",
    ),
    "a word": (lambda: _run("gd"), TypeError, "of the family of three numbers, got 'gd': make one"),
    "Adam among others": (
        lambda: _run([GD, ADAM]),
        ValueError,
        "Adam is not known to stay in the sp",
    ),
    "the class of Adam": (
        lambda: _run(torch.optim.Adam),
        ValueError,
        "Adam is not known to stay in",
    ),
    "tolerance": (lambda: _run(tolerance=1), ValueError, r"tolerance must lie in \[0, 1\), got 1"),
    "half a step": (
        lambda: _run(steps=1.5),
        TypeError,
        "steps must be a whole number, got 1.5: rou",
    ),
    "a look beyond": (
        lambda: _run(observers={"a": len}, observe_at=[6]),
        ValueError,
        r"observe_at must lie within 0\.\.5, got \[6\]: drop those",
    ),
    "nobody looks": (
        lambda: _run(observe_at=[1]),
        ValueError,
        "got observe_at without observers, so",
    ),
    "what is kept": (
        lambda: _run(keep_residuals=1),
        TypeError,
        "keep_residuals must be True or Fals",
    ),
    "batches": (
        lambda: _run(batches=3),
        TypeError,
        r"batches must be Batches\(size, seeds\), got 3:",
    ),
    "large batches": (
        lambda: _run(batches=Batches(7, [0])),
        ValueError,
        "batch size 7 exceeds the n = 6 samples: lower it, or train on all data without batches",
    ),
    "batches of others": (
        lambda: _run(batches=Batches(2, [0, 1])),
        ValueError,
        "got 2 batch seeds for 1 replicas: give one each",
    ),
    "weights": (
        lambda: _run(weights=3),
        TypeError,
        "weights must be a sequence, got 3: give model.",
    ),
    "a schedule that leaves its range": (
        lambda: _run(nesterov(0.1, lambda t: 1.5)),
        ValueError,
        r"momentum at step \d must lie in \[0, 1\), got 1.5",
    ),
}


@pytest.mark.parametrize(("call", "error", "message"), REFUSED.values(), ids=REFUSED)
def test_what_the_loop_refuses_is_refused_here_too(call, error, message):
    with pytest.raises(error, match=message):
        call()
