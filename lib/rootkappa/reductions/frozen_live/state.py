"""The network at one step: what observers ask of it, and its weights, lifted by blocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from rootkappa.reductions.frozen_live.bounds import Bounds, slopes
from rootkappa.reductions.frozen_live.flips import Flips, match
from rootkappa.reductions.frozen_live.neurons import Block, Neurons, separate


@dataclass(frozen=True, eq=False)
class State:
    """A network in training, whose weights are w_r(0) + s X c_r.

    Args:
        neurons: The neurons at the start.
        bounds: The inputs.
        scale: s.
        q: The shared numbers, shape (n, k).
        first: The tangent kernel at the start, shape (n k, n k).
        kernel: That of now.
        flips: The pairs that ever flipped, with their bits of now.
        rows: All bits of the neurons of these at the start, shape (F, n).
    """

    neurons: Neurons
    bounds: Bounds
    scale: float
    q: np.ndarray
    first: np.ndarray
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

    def distance(self, goal: np.ndarray | None = None) -> float:
        """Give the distance of all weights from where frozen bits and some numbers put them.

        It is read off the live pairs: c_r is d_r(0) times x = a.(q - goal), and something for each
        of them; the square is s^2 sum_r c_r.K c_r.

        Args:
            goal: v in w_r(0) + s X (d_r(0) a_r.v), shape (n, k); zero, the start, if None.

        Returns:
            The distance in the norm of Frobenius.
        """
        flips, K, leak = self.flips, self.bounds.K, self.bounds.leak
        x = self.q if goal is None else self.q - goal
        own = flips.numbers(self.q) - slopes(flips.start, leak) * (flips.a * self.q[flips.j]).sum(1)
        shared = (slopes(self.rows, leak) * (flips.a @ x.T) * K[flips.j]).sum(1)
        one, two = match(flips.r, flips.r)
        mutual = np.bincount(one, K[flips.j[one], flips.j[two]] * own[two], len(flips))
        square = x.ravel() @ self.first @ x.ravel() + self.scale**2 * own @ (2 * shared + mutual)
        return float(max(square, 0.0) ** 0.5)

    def largest_displacement(self) -> float:
        """Give max_r ||w_r(t) - w_r(0)||, by a pass over all neurons.

        Returns:
            The distance.
        """
        return max(float(np.linalg.norm(moves, axis=1).max()) for _, moves in self.moves())

    def blocks(self) -> Iterator[Block]:
        """Lift the weights of all neurons, block by block.

        Yields:
            A block, without twins.
        """
        for block, moves in self.moves():
            yield block._replace(W=block.W + moves)

    def moves(self) -> Iterator[tuple[Block, np.ndarray]]:
        """Say where neurons began, and how far they have moved, block by block.

        Yields:
            A block at the start, without twins, and its moves, shape (B, d).
        """
        flips, numbers, r = self.flips, self.flips.numbers(self.q), self.flips.r
        for block in separate(self.neurons):
            bits = block.W @ self.bounds.X >= 0
            c = slopes(bits, self.bounds.leak) * (block.a @ self.q.T)
            own = slice(*np.searchsorted(r, (block.first, block.first + len(c))))
            c[r[own] - block.first, flips.j[own]] = numbers[own]
            yield block, self.scale * c @ self.bounds.X.T
