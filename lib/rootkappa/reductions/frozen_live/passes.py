"""What is read off all neurons: outputs and kernel at the start, and the pairs that may ever flip.

These are the only loops over the whole width. They go through the neurons block by block and keep
nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from rootkappa.reductions.frozen_live.bounds import Bounds, slopes
from rootkappa.reductions.frozen_live.neurons import Block, Neurons


class Pairs(NamedTuple):
    """Pairs of a neuron and a sample as they are at the start.

    Args:
        r: Their neurons, shape (P,).
        i: Their samples, shape (P,).
        z: Their pre-activations, shape (P,).
        a: Outer weights of their neurons, shape (P, k).
        bits: All bits of their neurons, packed, shape (P, ceil(n/8)).
    """

    r: np.ndarray
    i: np.ndarray
    z: np.ndarray
    a: np.ndarray
    bits: np.ndarray


def survey(neurons: Neurons, bounds: Bounds, scale: float) -> tuple[np.ndarray, np.ndarray]:
    """Give outputs and tangent kernel of the start.

    Args:
        neurons: All neurons.
        bounds: The inputs.
        scale: s.

    Returns:
        Outputs, shape (n, k), and the kernel on the entries of such a matrix, shape (n k, n k).
    """
    outputs, counts = 0.0, 0.0
    for block in neurons:
        Z = block.W @ bounds.X
        on = Z >= 0
        if block.twins is None:  # twins cancel each other
            below = bounds.leak * Z if bounds.leak else 0.0
            outputs = outputs + np.maximum(Z, below, out=Z).T @ block.a
        open_ = _open(slopes(on, bounds.leak), block.a)
        counts = counts + (1 if block.twins is None else 2) * (open_.T @ open_).astype(float)
    k = block.a.shape[1]
    gram = bounds.K.repeat(k, 0).repeat(k, 1)
    shape = (len(bounds.K), k)
    return np.broadcast_to(scale * outputs, shape).copy(), scale**2 * gram * counts


def collect(neurons: Iterable[Block], bounds: Bounds, scale: float, within: np.ndarray) -> Pairs:
    """List the pairs that a bound does not exclude from flipping.

    Args:
        neurons: Neurons, block by block.
        bounds: The inputs.
        scale: s.
        within: The bound.

    Returns:
        The pairs.
    """
    return joined([_near(block, bounds, scale, within) for block in neurons])


def joined(parts: list[Pairs]) -> Pairs:
    """Put pairs one after the other.

    Args:
        parts: At least one list of pairs.

    Returns:
        All of them.
    """
    return Pairs(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def _near(block: Block, bounds: Bounds, scale: float, within: np.ndarray) -> Pairs:
    Z = block.W @ bounds.X
    # One coarse look at the whole block, then the exact test for what is left.
    widest = (within.max(0) * np.abs(block.a).max(0)).sum(1)
    r, i = np.divmod(np.flatnonzero(np.abs(Z) <= scale * widest), len(widest))
    bits = np.packbits(Z >= 0, axis=1)
    z = Z[r, i]
    parts = []
    for first, sign in ((block.first, 1.0), (block.twins, -1.0)):
        if first is not None:
            a = sign * block.a[r]
            near = np.abs(z) <= scale * bounds.margin(within, a, i, z >= 0)
            parts.append(Pairs(r[near] + first, i[near], z[near], a[near], bits[r[near]]))
    return joined(parts)


def _open(on: np.ndarray, a: np.ndarray) -> np.ndarray:
    # Slopes times a_cr, a column a sample and output. Sums of 2048 signs are exact in float32.
    unit = on.dtype == bool and bool((np.abs(a) == 1).all())
    dtype = np.float32 if unit else np.float64
    if unit and a.shape[1] == 1:
        return on.astype(dtype)
    found: np.ndarray = (on[:, :, None] * a[:, None].astype(dtype)).reshape(len(on), -1)
    return found
