"""The Krylov process of a deep linear network: its sizes, its exact steps, and how it is drawn.

At each hidden layer i the signals of a run live in a space S_i that grows. It begins with what the
layers below carry up, W_i ... W_1, and what those above carry down. Each *letter* more adds
W_i S_{i-1} and W_{i+1}^T S_{i+1}. A Gaussian middle layer meets new directions as a fresh Gaussian
matrix would: in orthonormal bases an entry is N(0, 1) unless its row or its column was revealed
before, and what lies outside the bases has the triangular factor of a Gaussian matrix with as many
rows as directions are left. At depth 3 every direction has one new neighbour, and the sizes grow by
d + k a letter in both layers together. At depth L they grow by a factor 2 cos(pi/L): new
directions are the walks on the path of hidden layers.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from rootkappa.reductions.bartlett import triangular_factor

Array = npt.NDArray[Any]


def exact_steps(blocks: int, depth: int) -> int:
    """Say for how many steps a network cut to its first blocks is exact.

    A step carries the signals through L - 2 middle layers, and so needs as many letters; at the
    end the signals from below and from above meet half way.

    Args:
        blocks: J, the number of letters.
        depth: L, at least 3.

    Returns:
        The number of steps: J + 1 at depth 3.
    """
    meeting = (depth - 2) // 2
    return (blocks - meeting) // (depth - 2) + 1 if blocks >= meeting else 0


def sizes(inputs: int, outputs: int, depth: int, blocks: int) -> list[tuple[int, ...]]:
    """Count the units of every hidden layer with 0, 1, ... blocks.

    Args:
        inputs: d.
        outputs: k.
        depth: L, at least 3.
        blocks: J.

    Returns:
        The units of the L - 1 hidden layers, for each number of blocks.
    """
    now = [inputs + outputs] * (depth - 1)
    # New directions that the l-th middle layer makes, upwards and downwards.
    up, down = [outputs] * (depth - 2), [inputs] * (depth - 2)
    found = [tuple(now)]
    for _ in range(blocks):
        arriving = [a + b for a, b in zip([0, *up], [*down, 0], strict=True)]
        now = [a + b for a, b in zip(now, arriving, strict=True)]
        up, down = arriving[:-1], arriving[1:]
        found.append(tuple(now))
    return found


def least_width(inputs: int, outputs: int, depth: int, blocks: int) -> int:
    """Give the least width at which a number of blocks is drawn.

    Args:
        inputs: d.
        outputs: k.
        depth: L, at least 3.
        blocks: J.

    Returns:
        Twice the units that a hidden layer has on average, (J + 2) (d + k) at depth 3.
    """
    units = sizes(inputs, outputs, depth, blocks)[-1]
    return math.ceil(2 * sum(units) / len(units))


def most_blocks(inputs: int, outputs: int, depth: int, width: int) -> int:
    """Give the largest number of blocks that can be drawn at a width.

    Args:
        inputs: d.
        outputs: k.
        depth: L, at least 3.
        width: m, at least that of one block.

    Returns:
        J.
    """
    if depth == 3:  # a block is d + k units, and there may be millions of them
        return width // (inputs + outputs) - 2
    blocks = 1
    while least_width(inputs, outputs, depth, blocks + 1) <= width:
        blocks += 1
    return blocks


class Draw:
    """One network being drawn, a letter after the other.

    Args:
        inputs: d.
        outputs: k.
        width: m.
        depth: L, at least 3.
        blocks: J, how many letters there will be.
        source: A random generator.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        width: int,
        depth: int,
        blocks: int,
        source: np.random.Generator,
    ) -> None:
        units = sizes(inputs, outputs, depth, blocks)[-1]
        self._width, self._source = width, source
        self._units = [0] * (depth - 1)
        middle = [np.zeros(pair) for pair in zip(units[1:], units[:-1], strict=True)]
        self._first, self._last = np.zeros((units[0], inputs)), np.zeros((outputs, units[-1]))
        self._layers = middle
        # Which entries of a middle layer are known, and which columns and rows are revealed.
        self._known = [np.zeros(layer.shape, dtype=bool) for layer in middle]
        self._columns = [np.zeros(layer.shape[1], dtype=bool) for layer in middle]
        self._rows = [np.zeros(layer.shape[0], dtype=bool) for layer in middle]
        self._begin(inputs, outputs)
        for _ in range(blocks):
            self._letter()

    @property
    def weights(self) -> list[torch.Tensor]:
        """W_1, ..., W_L in the bases."""
        return [torch.from_numpy(layer) for layer in (self._first, *self._layers, self._last)]

    def _begin(self, inputs: int, outputs: int) -> None:
        self._first[:inputs] = triangular_factor(inputs, self._width, self._source)
        self._last[:, :outputs] = triangular_factor(outputs, self._width, self._source).T
        self._units[0], self._units[-1] = inputs, outputs
        self._fill_all()
        places, count = np.arange(inputs), len(self._layers)
        for index in range(count):
            places = self._reveal(index, places, below=True)
        places = np.arange(outputs)
        for index in reversed(range(count)):
            places = self._reveal(index, places, below=False)
        self._fill_all()

    def _letter(self) -> None:
        units = list(self._units)
        for index in range(len(self._layers)):
            for below, revealed, stop in (
                (True, self._columns[index], units[index]),
                (False, self._rows[index], units[index + 1]),
            ):
                self._reveal(index, np.flatnonzero(~revealed[:stop]), below=below)
        self._fill_all()

    def _reveal(self, index: int, places: Array, *, below: bool) -> Array:
        # What a middle layer makes of directions below it, or its transpose of those above.
        layer, known = self._layers[index], self._known[index]
        layer, known = (layer, known) if below else (layer.T, known.T)
        revealed = self._columns[index] if below else self._rows[index]
        there = index + 1 if below else index
        self._fill(layer, known, np.arange(self._units[there]), places)
        start = self._units[there]
        new = np.arange(start, start + len(places))
        rest = triangular_factor(len(places), self._width - start, self._source).numpy()
        layer[np.ix_(new, places)] = rest
        revealed[places] = True
        # Of a revealed direction nothing is left outside the bases of now.
        known[:, places] = True
        self._units[there] += len(places)
        return new

    def _fill_all(self) -> None:
        for index, (layer, known) in enumerate(zip(self._layers, self._known, strict=True)):
            rows, columns = (np.arange(self._units[index + side]) for side in (1, 0))
            self._fill(layer, known, rows, columns)

    def _fill(self, layer: Array, known: Array, rows: Array, columns: Array) -> None:
        block = np.ix_(rows, columns)
        missing = ~known[block]
        values = layer[block]
        values[missing] = self._source.standard_normal(int(missing.sum()))
        layer[block] = values
        known[block] = True
