"""What is read along runs, of traces that are made by hand."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from rootkappa.evidence.additive_models import along_runs
from rootkappa.evidence.additive_models.drawn import drawn
from rootkappa.problems import PartitionConstants
from rootkappa.theorems import PartitionGradientDescent, PartitionNesterov

NAN = float("nan")


def _trace(c=0.25, rate=0.75, start=1.0, envelope=(1.0,)):
    return SimpleNamespace(
        numbers=SimpleNamespace(c=c, rate=rate),
        constants=PartitionConstants.additive(1.0, 5.0, 0.001),
        start_ratio=torch.tensor(start),
        envelope=torch.tensor([envelope]),
    )


def test_the_largest_ratio_of_each_lemma_counts_and_rounding_does_not():
    trace = SimpleNamespace(
        pl=torch.tensor([2.0, 4.0, NAN]),
        lemma8=torch.tensor([0.2, 0.7, NAN]),
        lemma9=torch.tensor([NAN, 0.3, 0.1]),
        lemma10_x=torch.tensor([0.4]),
        lemma10_u=torch.tensor([0.6]),
        lemma17=torch.tensor([NAN, NAN]),
    )
    assert along_runs.ratios(trace) == pytest.approx(
        {
            "lemma_4": 0.5,
            "lemma_8": 0.7,
            "lemma_9": 0.3,
            "lemma_10_x": 0.4,
            "lemma_10_u": 0.6,
            "lemma_17": 0.0,
        }
    )


def test_an_envelope_is_read_from_a_step_or_from_one_time_constant_on():
    early = _trace(envelope=(9.0, 3.0, 1.0, 1.0, 0.5, 0.25))  # a rate of 3/4 has four steps
    late = _trace(rate=0.5, envelope=(1.0, 1.0, 0.75, 0.25, 0.25, 0.25))
    gone = _trace(envelope=(1.0, 1.0, 1.0, 1.0, NAN, 1.0))
    assert along_runs._largest([[early, late], [late, gone]]) == [0.75, np.inf]
    assert along_runs._largest([[early, late]], 1) == [3.0]
    assert along_runs._largest([[early]], 0) == [9.0]


@pytest.mark.parametrize(("rate", "steps"), [(0.5, 2), (0.75, 4), (0.7, 4), (0.9375, 16)])
def test_a_time_constant_in_whole_steps(rate, steps):
    assert along_runs._constant(rate) == steps


def test_the_worse_of_two_constants_counts_in_every_draw(monkeypatch):
    followed = []

    def follow(draw, c):
        followed.append((draw.strength, c))
        strong = draw.strength > 50
        start = (7.0 if strong else 0.5) + c
        return _trace(c, 0.5, start, (9.0, 2.0 - c, 0.75 if c < 1 else 0.25, 0.1))

    monkeypatch.setattr(along_runs, "follow", follow)
    found = along_runs.lyapunov([0, 1])
    assert [c for _, c in followed] == [0.25, 1.0] * 4
    assert found.measured == {"start": [1.5, 1.5], "envelope": [1.75, 1.75]}
    assert found.control.measured["start"] == [8.0, 8.0]
    assert found.attained == {"envelope": [0.75, 0.75]}
    assert list(found.shown["runs"]) == [0.25, 1.0]
    assert [trace.numbers.c for trace in found.shown["runs"][1.0]] == [1.0, 1.0]
    assert found.shown["strength"] == [0.001, 0.001]


@pytest.mark.parametrize("theorem", [PartitionGradientDescent(), PartitionNesterov(1.0)])
def test_losses_stay_below_their_bounds_at_every_step_and_later(theorem):
    draw = drawn(4, (0.005, 0.005), activation="relu")
    ever, late = along_runs.loss_ratios(theorem, draw)
    assert 0 < late < ever <= 1


def test_a_run_that_overflows_is_infinitely_far():
    draw = drawn(4, (100.0, 100.0), activation="relu")
    assert along_runs.loss_ratios(PartitionGradientDescent(), draw)[0] > 1e3


def test_a_trace_is_as_long_as_its_constant_asks():
    draw = drawn(2, (0.01, 0.01), activation="relu")
    for c in (0.25, 1.0):
        trace = along_runs.follow(draw, c)
        assert trace.loss.shape[1] - 1 == int(22 * (draw.told.kappa / c) ** 0.5)
        assert trace.numbers.c == c


def test_lemma_5_is_an_equality_where_it_was_placed():
    ratio, printed = along_runs.lemma_5(drawn(1, (0.5, 0.5), activation="relu"), 3)
    assert ratio == pytest.approx(1, abs=1e-6)
    # Without its factor L2 = 4 the root is halved, and what is printed does not hold.
    assert 1 < printed < 2
    assert along_runs.lemma_5(drawn(1, (0.5, 0.5), activation="relu"), 3, 1.0)[1] == pytest.approx(
        1
    )
