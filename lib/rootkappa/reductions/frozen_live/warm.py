"""The warm pairs: all that may flip before the next pass over the neurons."""

from __future__ import annotations

import numpy as np

from rootkappa.reductions.frozen_live.bounds import Bounds, slopes
from rootkappa.reductions.frozen_live.flips import Flips, match
from rootkappa.reductions.frozen_live.passes import Pairs

# All patterns of eight bits, first bit first.
_BYTES = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).astype(float)
_FEW = 512


class Warm:
    """Warm pairs, sample by sample, with the reference bits of their neurons.

    Args:
        pairs: The pairs as they are at the start.
        flips: The pairs that flipped since.
        bounds: The inputs.
    """

    def __init__(self, pairs: Pairs, flips: Flips, bounds: Bounds) -> None:
        by_sample = np.argsort(pairs.i, kind="stable")
        self.r, self.i, self.z, self.a, self.bits = (column[by_sample] for column in pairs)
        self._n, self._K, self._leak = len(bounds.K), bounds.K, bounds.leak
        self._cut = np.searchsorted(self.i, np.arange(self._n + 1))
        # Of a sample, neurons come in order, so that this sorts by neuron and sample.
        self._order = np.argsort(self.r, kind="stable")
        self._names = self.r[self._order]
        self._keys = self._names * self._n + self.i[self._order]
        self.turn(flips.key[flips.bit != flips.start])

    def __len__(self) -> int:
        """Count them.

        Returns:
            P.
        """
        return len(self.r)

    def turn(self, key: np.ndarray) -> None:
        """Turn the reference bits of some pairs, in all rows of their neurons.

        Args:
            key: Their keys r n + j, all different.
        """
        at, which = match(self._names, key // self._n)
        byte, place = np.divmod(key[which] % self._n, 8)
        mask = np.right_shift(128, place).astype(np.uint8)
        np.bitwise_xor.at(self.bits, (self._order[at], byte), mask)

    def find(self, key: np.ndarray) -> np.ndarray:
        """Find pairs.

        Args:
            key: Their keys r n + j; all of them warm.

        Returns:
            Their places.
        """
        found: np.ndarray = self._order[np.searchsorted(self._keys, key)]
        return found

    def rows(self, places: np.ndarray) -> np.ndarray:
        """Give all reference bits of the neurons of some pairs.

        Args:
            places: Which pairs, shape (P,).

        Returns:
            Shape (P, n), booleans.
        """
        return np.unpackbits(self.bits[places], axis=1, count=self._n).view(bool)

    def own(self) -> np.ndarray:
        """Give the reference bit of each pair.

        Returns:
            Booleans, shape (P,).
        """
        byte, place = np.divmod(self.i, 8)
        found: np.ndarray = (self.bits[np.arange(len(self)), byte] >> (7 - place)) & 1 == 1
        return found

    def shifts(self, q: np.ndarray) -> np.ndarray:
        """Give sum_j d_rj K_ij a_r.q_j of each pair, by tables of the sums over eight bits.

        Args:
            q: The shared numbers, shape (n, k).

        Returns:
            Shape (P,).
        """
        found = np.zeros(len(self))
        for i, (first, last) in enumerate(zip(self._cut[:-1], self._cut[1:], strict=True)):
            part = slice(first, last)
            for c in range(q.shape[1]):
                found[part] += self.a[part, c] * self._sums(self.bits[part], self._K[i] * q[:, c])
        return found

    def _sums(self, bits: np.ndarray, terms: np.ndarray) -> np.ndarray:
        # Of the terms times the slopes at their bits, a row each. A table costs 256 rows.
        if len(bits) < _FEW:
            rows = np.unpackbits(bits, axis=1, count=self._n)
            dense: np.ndarray = slopes(rows, self._leak) @ terms
            return dense
        groups = bits.shape[1]
        padded = np.pad(terms, (0, 8 * groups - self._n)).reshape(groups, 8)
        table = (padded @ slopes(_BYTES, self._leak).T).ravel()
        found: np.ndarray = np.take(table, bits + 256 * np.arange(groups)).sum(1)
        return found

    def coupled(self, flips: Flips, values: np.ndarray) -> np.ndarray:
        """Give sum_j K_ij x_j over the flips of the pair's own neuron.

        Args:
            flips: The flips.
            values: x, a number a flip.

        Returns:
            Shape (P,).
        """
        at, which = match(self._names, flips.r)
        at = self._order[at]
        weights = self._K[self.i[at], flips.j[which]] * values[which]
        return np.bincount(at, weights, len(self))
