"""The pairs that ever flipped: their bits, and the numbers by which they are not frozen."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from rootkappa.reductions.frozen_live.bounds import Hull, outside, slopes


def match(keys: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find all (x, y) with keys[x] = wanted[y].

    Args:
        keys: Sorted whole numbers, shape (P,).
        wanted: Whole numbers, shape (Q,).

    Returns:
        x and y, in the order of y.
    """
    left = np.searchsorted(keys, wanted, "left")
    size = np.searchsorted(keys, wanted, "right") - left
    start = np.repeat(np.cumsum(size) - size, size)
    x = np.repeat(left, size) + np.arange(size.sum()) - start
    return x, np.repeat(np.arange(len(wanted)), size)


@dataclass(frozen=True, eq=False)
class Flips:
    """Pairs in the order of their keys r n + j.

    Args:
        samples: n.
        key: r n + j, shape (F,).
        a: Outer weights of their neurons, shape (F, k).
        start: Their bits at the start.
        bit: Their reference bits now.
        delta: By how much their numbers differ from a.q times the slope at b.
        u: The velocities of delta.
        leak: alpha, the slope below zero.
    """

    samples: int
    key: np.ndarray
    a: np.ndarray
    start: np.ndarray
    bit: np.ndarray
    delta: np.ndarray
    u: np.ndarray
    leak: float

    @classmethod
    def none(cls, samples: int, outputs: int, leak: float) -> Flips:
        """Give the empty list.

        Args:
            samples: n.
            outputs: k.
            leak: alpha.

        Returns:
            No flips.
        """
        zero, bits, a = np.zeros(0), np.zeros(0, bool), np.zeros((0, outputs))
        return cls(samples, np.zeros(0, np.int64), a, bits, bits, zero, zero, leak)

    def __len__(self) -> int:
        """Count them.

        Returns:
            F.
        """
        return len(self.key)

    @property
    def r(self) -> np.ndarray:
        """Their neurons."""
        return self.key // self.samples

    @property
    def j(self) -> np.ndarray:
        """Their samples."""
        return self.key % self.samples

    def coasted(self, c: float, cv: float) -> Flips:
        """Let all numbers move on by themselves.

        Args:
            c: How far a unit velocity has moved.
            cv: What is left of it.

        Returns:
            The flips with their numbers now.
        """
        return replace(self, delta=self.delta + c * self.u, u=cv * self.u)

    def added(
        self, key: np.ndarray, a: np.ndarray, bit: np.ndarray, delta: np.ndarray, u: np.ndarray
    ) -> Flips:
        """Add to the numbers of some pairs, of which some may be new.

        Args:
            key: Their keys, all different.
            a: Outer weights of their neurons.
            bit: Their reference bits; of a new pair, also its bit at the start.
            delta: What comes to their numbers.
            u: What comes to the velocities.

        Returns:
            The longer list.
        """
        new = ~np.isin(key, self.key)
        keys = np.concatenate([self.key, key[new]])
        order = np.argsort(keys)
        zero = np.zeros(int(new.sum()))

        def with_new(old: np.ndarray, fresh: np.ndarray) -> np.ndarray:
            joined: np.ndarray = np.concatenate([old, fresh])[order]
            return joined

        longer = Flips(
            self.samples,
            keys[order],
            with_new(self.a, a[new]),
            with_new(self.start, bit[new]),
            with_new(self.bit, bit[new]),
            with_new(self.delta, zero),
            with_new(self.u, zero),
            self.leak,
        )
        at = np.searchsorted(longer.key, key)
        longer.delta[at] += delta
        longer.u[at] += u
        return longer

    def turned(self, key: np.ndarray, q: np.ndarray, p: np.ndarray) -> Flips:
        """Turn the reference bits of some pairs: their numbers stay what they are.

        Args:
            key: Their keys.
            q: The shared numbers, shape (n, k).
            p: Their velocities.

        Returns:
            The same pairs.
        """
        at = np.searchsorted(self.key, key)
        bit, delta, u = self.bit.copy(), self.delta.copy(), self.u.copy()
        bit[at] = ~bit[at]
        turn = (1 - self.leak) * np.where(bit[at], 1.0, -1.0)[:, None] * self.a[at]
        delta[at] -= (turn * q[self.j[at]]).sum(1)
        u[at] -= (turn * p[self.j[at]]).sum(1)
        return replace(self, bit=bit, delta=delta, u=u)

    def numbers(self, q: np.ndarray) -> np.ndarray:
        """Give c_rj of each pair: delta, and a.q times its slope.

        Args:
            q: The shared numbers, shape (n, k).

        Returns:
            Shape (F,).
        """
        own = (self.a * q[self.j]).sum(1)
        found: np.ndarray = slopes(self.bit, self.leak) * own + self.delta
        return found

    def excess(self, q: np.ndarray, hull: Hull) -> float:
        """Say how far the numbers of one neuron are, in sum, outside of where q has ever been.

        With a leak, alpha of each is where q is.

        Args:
            q: The shared numbers, shape (n, k).
            hull: Where they have been.

        Returns:
            The largest over all neurons, over the sum of |a_c|.
        """
        rest = self.numbers(q) - self.leak * (self.a * q[self.j]).sum(1)
        low, high = ((1 - self.leak) * end[self.j] for end in (hull.low, hull.high))
        return self._largest(outside(rest, self.a, low, high))

    def speed(self) -> float:
        """Give the largest sum of |u| over one neuron, over the sum of |a_c|.

        Returns:
            The speed; 0 without flips.
        """
        zero = np.zeros_like(self.a)
        return self._largest(outside(self.u, self.a, zero, zero))

    def _largest(self, each: np.ndarray) -> float:
        if not len(each):
            return 0.0
        first = np.flatnonzero(np.diff(self.r, prepend=-1))
        return float(np.add.reduceat(each, first).max())
