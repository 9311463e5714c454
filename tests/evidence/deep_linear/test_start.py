"""Distances of kernels at the start, and tensors in another order."""

from __future__ import annotations

import pytest
import torch

from rootkappa.evidence.deep_linear import start


def test_the_farthest_of_several_is_told_relative_to_what_is_exact():
    exact = [torch.eye(2), 2 * torch.eye(2), torch.ones(3, 3)]
    ours = [1.1 * exact[0], 1.5 * exact[1], exact[2]]
    assert start._farthest(ours, exact) == pytest.approx(0.5)
    assert start._farthest(exact, exact) == 0


def test_outputs_and_samples_change_places():
    source = torch.Generator().manual_seed(0)
    samples, outputs = torch.randn(4, 4, generator=source), torch.randn(3, 3, generator=source)
    kernel = torch.kron(samples, outputs)[None]
    torch.testing.assert_close(start._exchanged(kernel, 4, 3)[0], torch.kron(outputs, samples))
