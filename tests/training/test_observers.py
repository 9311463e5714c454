"""Observers against their definitions."""

from __future__ import annotations

import pytest
import torch

from rootkappa import kernels, training


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
