"""Where the numbers of a replica lie: its layers one after another, padded to whole registers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from rootkappa.architectures import Weights

_LINE = 64  # bytes of a line of the cache: a row of a tile that crosses none is loaded at once
_LANES = 8

# Takes P and V, shape (R, size), numbers (R, T, 4), residuals (R, T + 1, k n) and rows, shape (R,),
# which replicas of the model these are: T steps of every replica, in place.
Steps = Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray], None]


def up(count: int) -> int:
    """Give the next multiple of 8.

    Args:
        count: A whole number.

    Returns:
        The multiple.
    """
    return -(-count // _LANES) * _LANES


def zeros(*shape: int) -> np.ndarray:
    """Give zeros that start at a line of the cache.

    Args:
        *shape: The shape.

    Returns:
        The array, float64.
    """
    size = math.prod(shape)
    raw = np.zeros(size + _LINE // 8)
    offset = -raw.ctypes.data % _LINE // 8
    return raw[offset : offset + size].reshape(shape)


def padded(matrices: torch.Tensor, rows: int, cols: int) -> np.ndarray:
    """Lay out matrices row by row, with zeros beside and below them.

    Args:
        matrices: One, with two axes, or a stack of them.
        rows: At least their rows.
        cols: At least their columns.

    Returns:
        rows cols numbers a matrix.
    """
    out = zeros(*matrices.shape[:-2], rows, cols)
    out[..., : matrices.shape[-2], : matrices.shape[-1]] = matrices.detach().numpy()
    return out.reshape(-1)


def stride(matrices: torch.Tensor, rows: int, cols: int) -> int:
    """Say how far the matrices of two replicas are apart once they are padded.

    Args:
        matrices: A stack of them, or one for all replicas.
        rows: Their rows, padded.
        cols: Their columns, padded.

    Returns:
        The numbers between; 0 where all share one.
    """
    return rows * cols if len(matrices) > 1 else 0


@dataclass(frozen=True)
class Layout:
    """Layers one after another.

    Args:
        shapes: (rows, cols) of each layer.
        heights: The rows that are laid out for each; columns are padded to multiples of 8.
    """

    shapes: tuple[tuple[int, int], ...]
    heights: tuple[int, ...]

    @property
    def size(self) -> int:
        """How many numbers a replica has."""
        return sum(
            height * up(cols) for height, (_, cols) in zip(self.heights, self.shapes, strict=True)
        )

    def pack(self, weights: Sequence[torch.Tensor]) -> np.ndarray:
        """Lay out weights.

        Args:
            weights: A tensor (R, rows, cols) a layer.

        Returns:
            Shape (R, size).
        """
        state = zeros(len(weights[0]), self.size)
        for view, layer in zip(self._views(state), weights, strict=True):
            view[:] = layer.detach().numpy()
        return state

    def unpack(self, state: np.ndarray) -> Weights:
        """Read weights.

        Args:
            state: Shape (R, size).

        Returns:
            A tensor (R, rows, cols) a layer, copied.
        """
        return [torch.from_numpy(view.copy()) for view in self._views(state)]

    def _views(self, state: np.ndarray) -> list[np.ndarray]:
        views, at = [], 0
        for height, (rows, cols) in zip(self.heights, self.shapes, strict=True):
            end = at + height * up(cols)
            views.append(state[:, at:end].reshape(-1, height, up(cols))[:, :rows, :cols])
            at = end
        return views


@dataclass(frozen=True)
class Program:
    """A model as its kernel takes it.

    Args:
        layout: Where the numbers of a replica lie.
        steps: The kernel, with the data.
    """

    layout: Layout
    steps: Steps
