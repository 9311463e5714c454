"""The hot pairs: the warm ones that may flip within a few steps, evaluated at every step."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from rootkappa.reductions.frozen_live.bounds import Bounds, outside, slopes
from rootkappa.reductions.frozen_live.flips import match
from rootkappa.reductions.frozen_live.recursion import Numbers, advance, stop
from rootkappa.reductions.frozen_live.warm import Warm


class Hot:
    """Hot pairs, with the numbers of those that left their reference bits since the refresh.

    Args:
        warm: The warm pairs.
        places: Which of them are hot.
        bounds: The inputs.
        scale: s.
        q: The shared numbers at the refresh, shape (n, k).
        z: Pre-activations of the warm pairs at the refresh.
        w: How fast those move with the velocities of earlier flips, over s.
        far: How far a unit velocity may coast until this list has to be renewed.
        skin: The bound on what the shared numbers may do until then.
    """

    def __init__(
        self,
        warm: Warm,
        places: np.ndarray,
        bounds: Bounds,
        scale: float,
        q: np.ndarray,
        z: np.ndarray,
        w: np.ndarray,
        far: float,
        skin: np.ndarray,
    ) -> None:
        self._bounds, self._scale, self._start = bounds, scale, q
        self._z, self._w, self._far, self._skin = z[places], w[places], far, skin
        self.places, self.r, self.i, self.a = places, warm.r[places], warm.i[places], warm.a[places]
        bits = warm.rows(places)
        self.bit = bits[np.arange(len(places)), self.i]
        self.B = slopes(bits, bounds.leak) * bounds.K[self.i]
        self.coupling, self._group = _coupling(self.r, self.i, bounds.K)
        # A velocity at the refresh that is left alone has moved c times itself by now.
        self.c, self.cv = 0.0, 1.0
        self.delta, self.u, self.turn = (np.zeros(len(places)) for _ in range(3))
        self.ever = np.zeros(0, np.int64)

    def evaluate(self, q: np.ndarray) -> np.ndarray:
        """Compare the slopes with those at the reference bits.

        Args:
            q: The shared numbers, shape (n, k).

        Returns:
            Pre-activations, shape (P,).
        """
        z: np.ndarray = self._z + self._scale * self.shifts(q - self._start, self.c, self.delta)
        self.turn = (1 - self._bounds.leak) * ((z >= 0).astype(float) - self.bit)
        self.ever = np.flatnonzero((self.turn != 0) | (self.delta != 0) | (self.u != 0))
        return z

    def shifts(self, x: np.ndarray, coasting: float, live: np.ndarray) -> np.ndarray:
        """Give how a change of all numbers changes the pre-activations, over s.

        Args:
            x: Of the shared numbers, shape (n, k).
            coasting: Of earlier flips, in units of their velocities at the refresh.
            live: Of the hot pairs themselves, shape (P,).

        Returns:
            Shape (P,).
        """
        found: np.ndarray = (self.B @ x * self.a).sum(1)
        if coasting:
            found += coasting * self._w
        if len(self.ever):
            found += self.coupling @ live
        return found

    def escaped(self, q: np.ndarray) -> bool:
        """Say whether a pair outside the list might have flipped.

        Args:
            q: The shared numbers, shape (n, k).

        Returns:
            False is certain.
        """
        dq = q - self._start
        reach = self._bounds.reach(dq) + self._bounds.largest * self._excess(dq)
        return not (abs(self.c) <= self._far and bool((reach <= self._skin).all()))

    def _excess(self, dq: np.ndarray) -> float:
        # How far live pairs of one neuron are, in sum, outside of what the shared numbers did.
        at = self.ever
        if not len(at):
            return 0.0
        a, own, leak = self.a[at], dq[self.i[at]], self._bounds.leak
        moved = slopes(self.bit[at], leak) * (a * own).sum(1) + self.delta[at]
        far = outside(moved, a, np.minimum(own, leak * own), np.maximum(own, leak * own))
        return float(np.bincount(self._group[at], far).max())

    def drive(self, slope: np.ndarray) -> np.ndarray:
        """Give the gradients of the live numbers.

        Args:
            slope: The gradients of the shared ones, shape (n, k).

        Returns:
            Shape (P,).
        """
        found, at = np.zeros(len(self.turn)), self.ever
        found[at] = self.turn[at] * (self.a[at] * slope[self.i[at]]).sum(1)
        return found

    def advance(self, slope: np.ndarray, now: Numbers) -> None:
        """Take a step.

        Args:
            slope: The gradients of the shared numbers, shape (n, k).
            now: The numbers of the step.
        """
        self.c, self.cv = advance(self.c, self.cv, 0.0, now)
        if len(self.ever):
            self.delta, self.u = advance(self.delta, self.u, self.drive(slope), now)

    def stop(self, now: Numbers) -> None:
        """Set all velocities to zero.

        Args:
            now: The numbers of the step just taken.
        """
        self.c, self.cv = stop(self.c, self.cv, now)
        self.delta, self.u = stop(self.delta, self.u, now)


def _coupling(r: np.ndarray, i: np.ndarray, K: np.ndarray) -> tuple[csr_array, np.ndarray]:
    # K_ij between the pairs of one neuron, and the number of each pair's neuron.
    group = np.unique(r, return_inverse=True)[1]
    order = np.argsort(group, kind="stable")
    x, y = match(group[order], group)
    x = order[x]
    return csr_array((K[i[x], i[y]], (x, y)), shape=(len(r), len(r))), group
