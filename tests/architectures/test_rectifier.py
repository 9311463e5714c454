"""The passes of a ReLU against plain formulas, at the kink too, with memory and without it."""

from __future__ import annotations

import pytest
import torch

from rootkappa.architectures._rectifier import leaking, rectified, sent_back


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


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize("leak", [0.0, 0.25])
def test_the_least_number_below_zero_is_not_active_and_both_zeros_are(leak, dtype):
    least = torch.nextafter(torch.zeros((), dtype=dtype), -torch.ones((), dtype=dtype))
    hidden = torch.tensor([[[0.0, -0.0, float(least), 1e-30]]], dtype=dtype)
    one, row = torch.ones(1, 1, 1, dtype=dtype), torch.full((1, 1, 4), 8.0, dtype=dtype)
    found = sent_back(one, row, hidden, leak, None)
    assert found.tolist() == [[[8.0, 8.0, 8 * leak, 8.0]]]


def test_without_a_leak_what_is_infinite_stays_behind():
    hidden = torch.tensor([-torch.inf, torch.inf, -2.0])
    assert rectified(hidden, 0.0).tolist() == [0.0, torch.inf, 0.0]
    assert hidden.tolist() == [-torch.inf, torch.inf, -2.0]
    masked, whole = torch.tensor([0.0, 3.0]), torch.tensor([-torch.inf, 3.0])
    assert leaking(masked, whole, 0.0) is masked
    assert masked.tolist() == [0.0, 3.0]


def test_a_leak_is_put_into_the_same_memory_from_fewer_axes():
    masked = torch.tensor([[0.0, 5.0], [7.0, 0.0]])
    found = leaking(masked, torch.tensor([5.0, -4.0]), 0.5)
    assert found is masked
    assert found.tolist() == [[2.5, 0.5], [6.0, -2.0]]


@pytest.mark.parametrize("k", [1, 2])
def test_columns_may_lie_apart_in_memory(k):
    source = torch.Generator().manual_seed(5)
    hidden = torch.randn(2, 4, 6, generator=source).double().mT
    a, v = (torch.randn(2, size, k, generator=source).double().mT for size in (6, 4))
    assert not hidden.is_contiguous()
    plain = (hidden >= 0) * (a.mT @ v)
    torch.testing.assert_close(sent_back(a, v, hidden, 0.0, None), plain)
