"""The network at one step: what observers ask of it, and its weights, lifted by blocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from rootkappa.reductions.frozen_live.bounds import Bounds
from rootkappa.reductions.frozen_live.flips import Flips, match
from rootkappa.reductions.frozen_live.neurons import Neurons


@dataclass(frozen=True, eq=False)
class State:
    """A network whose reference bits are those of now.

    Args:
        neurons: The neurons at the start.
        bounds: The inputs.
        scale: s.
        q: The shared numbers, shape (n, k).
        kernel: The tangent kernel now, shape (n k, n k).
        flips: The pairs that ever flipped.
        rows: All bits of the neurons of these, shape (F, n).
    """

    neurons: Neurons
    bounds: Bounds
    scale: float
    q: np.ndarray
    kernel: np.ndarray
    flips: Flips
    rows: np.ndarray

    def flipped_share(self) -> float:
        """Give the share of pairs whose bit differs from the start.

        Returns:
            In [0, 1].
        """
        changed = int((self.flips.bit != self.flips.start).sum())
        return changed / (self.neurons.width * len(self.q))

    def displacement(self) -> float:
        """Give ||W(t) - W(0)||_F from the live pairs: its square is s^2 sum_r c_r.K c_r.

        Returns:
            The distance.
        """
        flips, K, flat = self.flips, self.bounds.K, self.q.ravel()
        shared = (self.rows * (flips.a @ self.q.T) * K[flips.j]).sum(1)
        x, y = match(flips.r, flips.r)
        own = np.bincount(x, K[flips.j[x], flips.j[y]] * flips.delta[y], len(flips))
        square = flat @ self.kernel @ flat + self.scale**2 * (flips.delta @ (2 * shared + own))
        return float(max(square, 0.0) ** 0.5)

    def largest_displacement(self) -> float:
        """Give max_r ||w_r(t) - w_r(0)||, by a pass over all neurons.

        Returns:
            The distance.
        """
        return max(float(np.linalg.norm(moves, axis=1).max()) for _, _, moves in self._moves())

    def blocks(self) -> Iterator[tuple[int, np.ndarray]]:
        """Lift the weights of all neurons, block by block.

        Yields:
            Pairs of the number of a block's first neuron and its weights, shape (B, d).
        """
        for first, W, moves in self._moves():
            yield first, W + moves

    def _moves(self) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
        flips, numbers, r = self.flips, self.flips.numbers(self.q), self.flips.r
        for block in self.neurons:
            on = block.W @ self.bounds.X >= 0
            for first, sign in ((block.first, 1.0), (block.twins, -1.0)):
                if first is not None:
                    c = on * (sign * block.a @ self.q.T)
                    own = slice(*np.searchsorted(r, (first, first + len(on))))
                    c[r[own] - first, flips.j[own]] = numbers[own]
                    yield first, block.W, self.scale * c @ self.bounds.X.T
