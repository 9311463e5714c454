"""Any value, in a message."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch


def shown(value: Any) -> str:
    """Give what stands for a value in a message.

    Args:
        value: Anything.

    Returns:
        Its repr on one line, of at most 60 characters; the shape if it is a tensor or an array.

    Example:
        >>> shown(list(range(30)))
        '[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16...'
    """
    if isinstance(value, torch.Tensor | np.ndarray) and value.ndim > 0:
        return f"{type(value).__name__} of shape {tuple(value.shape)}"
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else f"{text[:57]}..."
