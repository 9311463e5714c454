r"""Certificates: how far a pre-activation can have moved, whatever the bits of its neuron.

For every $b\in[0,1]^n$ and $x\in\R^n$,

$$ -{\rm down}_i(x)\le\sum_jb_jK_{ij}x_j\le{\rm up}_i(x),\qquad
   {\rm up},{\rm down} = \tfrac12(|K|\,|x|\pm Kx). $$

A positive pre-activation of a neuron with $a_r > 0$ changes its sign only by moving down, so that
it is compared with `down`, and with `up` if $a_r < 0$. With several outputs the bounds add, each
with its own sign: the numbers of a neuron are $\sum_c a_{cr}q_{cj}$.

A leaky slope is $\alpha+(1-\alpha)b$, so that $\alpha Kx$ is known and only the rest is bounded:

$$ {\rm up},{\rm down} = \tfrac12\bigl((1-\alpha)|K|\,|x|\pm(1+\alpha)Kx\bigr). $$

$Kx$ is much smaller than $|K|\,|x|$. So bounds, and with them lists of pairs, are shorter by nearly
$1-\alpha$ than without a look at the leak.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Hull(NamedTuple):
    """What a path of shared numbers covers.

    Args:
        low: The least that each was, shape (n, k).
        high: The most.
        least: The least that each entry of K x was; 0 where there is no leak.
        most: The most.
    """

    low: np.ndarray
    high: np.ndarray
    least: np.ndarray
    most: np.ndarray

    def joined(self, other: Hull) -> Hull:
        """Give what two paths cover together.

        Args:
            other: The other.

        Returns:
            The hull.
        """
        (low, high, least, most), (lower, higher, less, more) = self, other
        return Hull(
            np.minimum(low, lower),
            np.maximum(high, higher),
            np.minimum(least, less),
            np.maximum(most, more),
        )


class Bounds:
    """The inputs, as certificates see them.

    A bound is an array (2, n, k): how far down, and how far up, by sample and output.

    Args:
        X: Inputs, shape (d, n), with a row of ones if there are biases.
        leak: alpha, the slope below zero.
    """

    def __init__(self, X: np.ndarray, leak: float = 0.0) -> None:
        self.X, self.leak = np.ascontiguousarray(X), leak
        self.K = self.X.T @ self.X
        self.size = np.abs(self.K)
        self.largest = self.size.max(1)[:, None]  # |K_ij| at most, for all j

    def reach(self, x: np.ndarray) -> np.ndarray:
        """Bound the sums of any part of x.

        Args:
            x: Shape (n, k).

        Returns:
            The bound: alpha up to the whole of each x_j may count.
        """
        total = (1 + self.leak) * (self.K @ x)
        size = (1 - self.leak) * (self.size @ np.abs(x))
        return np.stack([size - total, size + total]) / 2

    def hull(self, path: np.ndarray) -> Hull:
        """Give what a path covers.

        Args:
            path: From zero, or to be joined with what is; shape (T, n, k).

        Returns:
            The hull.
        """
        total = self.K @ path if self.leak else 0 * path[:1]
        return Hull(path.min(0), path.max(0), total.min(0), total.max(0))

    def hull_reach(self, hull: Hull) -> np.ndarray:
        """Bound the sums of numbers of which each may have stayed anywhere on a path.

        Args:
            hull: What the path from zero covers.

        Returns:
            The bound: with a leak, alpha of each number has followed the path.
        """
        for_K, against = np.maximum(self.K, 0.0), np.maximum(-self.K, 0.0)
        low, high, least, most = hull
        rest = np.stack([against @ high - for_K @ low, for_K @ high - against @ low])
        if not self.leak:
            return rest
        return self.leak * np.stack([-least, most]) + (1 - self.leak) * rest

    @staticmethod
    def margin(
        bound: np.ndarray, a: np.ndarray, samples: np.ndarray, positive: np.ndarray
    ) -> np.ndarray:
        """Give how far each pair can move towards its kink, over the factor s.

        Args:
            bound: A bound.
            a: Outer weights of the pairs' neurons, shape (P, k).
            samples: Their samples, shape (P,).
            positive: Whether their pre-activations are at least 0, shape (P,).

        Returns:
            Shape (P,): a pair whose pre-activation is larger in size, over s, keeps its bit.
        """
        down, up = bound
        reach = np.where(positive[:, None] == (a > 0), down[samples], up[samples])
        found: np.ndarray = (np.abs(a) * reach).sum(1)
        return found


def slopes(bits: np.ndarray, leak: float) -> np.ndarray:
    """Give the slope of the activation at some pairs.

    Args:
        bits: Their bits, of any shape.
        leak: alpha.

    Returns:
        1 where a bit is set, else alpha; the bits themselves where alpha is 0.
    """
    return leak + (1 - leak) * bits if leak else bits


def outside(moved: np.ndarray, a: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Say how far numbers of pairs lie outside what the shared numbers allow.

    Args:
        moved: A number a pair, shape (P,).
        a: Outer weights of their neurons, shape (P, k).
        low: Lower ends of the shared numbers of their samples, shape (P, k).
        high: Upper ends.

    Returns:
        Distances from the interval of sum_c a_c x_c with low <= x <= high, over the sum of |a_c|.
    """
    for_a, against = np.maximum(a, 0.0), np.maximum(-a, 0.0)
    highest = (for_a * high - against * low).sum(1)
    lowest = (for_a * low - against * high).sum(1)
    far = np.maximum(moved - highest, 0.0) + np.maximum(lowest - moved, 0.0)
    # A neuron without outer weights never moves.
    found: np.ndarray = far / np.maximum(np.abs(a).sum(1), np.finfo(float).tiny)
    return found
