"""The passes of a ReLU against plain formulas, at the kink too, with memory and without it."""

from __future__ import annotations

import pytest
import torch

from rootkappa.architectures._rectifier import rectified, sent_back


@pytest.mark.parametrize("leak", [0.0, 0.3, 0.7])
@pytest.mark.parametrize("k", [1, 3])
def test_values_and_slopes_are_the_plain_ones(leak, k):
    source = torch.Generator().manual_seed(k)
    hidden = torch.randn(2, 5, 4, generator=source).double()
    hidden[:, 0, 0] = 0.0
    a, v = (torch.randn(2, k, size, generator=source).double() for size in (5, 4))
    slopes = torch.full_like(hidden, leak).masked_fill(hidden >= 0, 1.0)
    torch.testing.assert_close(rectified(hidden, leak), slopes * hidden, rtol=1e-15, atol=1e-15)
    for memory in (None, torch.full_like(hidden, torch.nan)):
        found = sent_back(a, v, hidden, leak, memory)
        torch.testing.assert_close(found, slopes * (a.mT @ v))
        assert memory is None or found is memory
