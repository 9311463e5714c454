"""A ReLU, leaky or not, and its slopes, in as few passes over the memory as there can be.

A slope is alpha + (1 - alpha) b, with b = [z >= 0], also at z = 0. So what a ReLU gives, moved by
the share alpha towards what the identity gives, is what a leaky one gives.
"""

from __future__ import annotations

import functools

import torch


def rectified(hidden: torch.Tensor, leak: float) -> torch.Tensor:
    """Give max(z, alpha z).

    Args:
        hidden: z, of any shape.
        leak: alpha.

    Returns:
        A tensor of its own.
    """
    return leaking(hidden.clamp(min=0.0), hidden, leak)


def leaking(masked: torch.Tensor, whole: torch.Tensor, leak: float) -> torch.Tensor:
    """Put alpha times a value where a ReLU has let none through, in the same memory.

    Args:
        masked: What a ReLU lets through.
        whole: All values; may have fewer axes, or axes of length 1.
        leak: alpha.

    Returns:
        The first tensor.
    """
    return masked.lerp_(whole, leak) if leak else masked


def sent_back(
    a: torch.Tensor,
    scaled: torch.Tensor,
    hidden: torch.Tensor,
    leak: float,
    memory: torch.Tensor | None,
) -> torch.Tensor:
    """Give A * (a^T v), where A are the slopes.

    Args:
        a: Outer weights, shape (R, k, m).
        scaled: v, shape (R, k, n).
        hidden: z, shape (R, m, n).
        leak: alpha.
        memory: A tensor like z to write to, or None.

    Returns:
        Shape (R, m, n).
    """
    # One output: a^T v is an outer product, and never formed.
    single = len(a[0]) == 1
    row = scaled if single else a.mT @ scaled
    masked = leaking(_where_active(row, hidden, memory), row, leak)
    return masked.mul_(a.mT) if single else masked


def _where_active(
    row: torch.Tensor, hidden: torch.Tensor, memory: torch.Tensor | None
) -> torch.Tensor:
    # b * 1 row in one pass, where a comparison and a fill took half of a step.
    below = _just_below_zero(hidden.dtype)
    mask = torch.ops.aten.threshold_backward
    if memory is None:
        masked: torch.Tensor = mask(row, hidden, below)
    else:
        masked = mask.grad_input(row, hidden, below, grad_input=memory)
    return masked


@functools.cache
def _just_below_zero(dtype: torch.dtype) -> float:
    # What exceeds this is at least 0, so that relu'(0) = 1.
    zero = torch.zeros((), dtype=dtype)
    return float(torch.nextafter(zero, zero - 1))
