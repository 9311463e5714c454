"""Neurons, block by block: from weights that are stored, or counted and drawn again when needed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import torch

from rootkappa import _checks, devices
from rootkappa.architectures import TwoLayerReLU, Weights
from rootkappa.draws import numpy_generator

# Pre-activations of a block stay in the cache. The draws of counted neurons depend on it.
BLOCK = 1 << 11


class Block(NamedTuple):
    """Some neurons that follow each other.

    Args:
        first: The number of the first.
        W: Their weights, shape (B, d).
        a: Their outer weights, shape (B, k).
        twins: The number of the first of as many other neurons, with the weights W and -a; or None.
    """

    first: int
    W: np.ndarray
    a: np.ndarray
    twins: int | None = None


class Neurons(Protocol):
    """All neurons of one network; going through them twice gives the same."""

    width: int

    def __iter__(self) -> Iterator[Block]:
        """Go through the blocks."""
        ...


class StoredNeurons:
    """Neurons whose weights lie in memory.

    Args:
        W: Weights, shape (m, d).
        a: Outer weights, shape (k, m).
    """

    def __init__(self, W: torch.Tensor, a: torch.Tensor) -> None:
        self._W, self._a = W.numpy(), a.numpy()
        self.width = len(W)

    def __iter__(self) -> Iterator[Block]:
        """Go through the blocks.

        Yields:
            A block.
        """
        for first in range(0, self.width, BLOCK):
            part = slice(first, first + BLOCK)
            yield Block(first, self._W[part], self._a[:, part].T)


class DrawnNeurons:
    """Neurons of which only a seed is kept: a block is drawn whenever it is asked for.

    Args:
        model: The network: width, initialisation, inputs and outputs.
        seed: Its seed.
    """

    def __init__(self, model: TwoLayerReLU, seed: int) -> None:
        self.width, self._seed = model.width, _checks.seed(seed)
        (_, self._inputs), (self._outputs, _) = model.shapes
        self._twins = model.initialisation == "antisymmetric"

    def __iter__(self) -> Iterator[Block]:
        """Go through the blocks.

        Yields:
            A block.
        """
        count = self.width // 2 if self._twins else self.width
        for number, first in enumerate(range(0, count, BLOCK)):
            seed = devices.seed(purpose="neurons", seed=self._seed, block=number)
            source, size = numpy_generator(seed), min(BLOCK, count - first)
            W = source.standard_normal((size, self._inputs))
            a = 2.0 * source.integers(0, 2, (size, self._outputs)) - 1.0
            yield Block(first, W, a, count + first if self._twins else None)


@dataclass(frozen=True)
class CountedNeurons:
    """The start of a network that is too wide to store: one seed a replica, and no weights.

    Neurons are drawn in blocks of 2048, each from a seed of its own, whenever a pass needs them:
    Gaussian, with signs as outer weights; in twins where the model is antisymmetric. The draws are
    others than those of `model.initialise` with the same seed, from the same law.

    Args:
        seeds: One seed a replica.

    Raises:
        TypeError: If a seed is not whole.
        ValueError: If a seed is out of range, or there is none.

    Example:
        >>> X = torch.eye(2, dtype=torch.float64)
        >>> model = TwoLayerReLU(X, X[:1], width=3000)
        >>> [tuple(layer.shape) for layer in CountedNeurons([0]).draw(model)]
        [(1, 3000, 2), (1, 1, 3000)]
    """

    seeds: Sequence[int]

    def __post_init__(self) -> None:
        """Check the seeds."""
        object.__setattr__(self, "seeds", tuple(_checks.seeds(self.seeds)))

    def of(self, model: TwoLayerReLU, row: int) -> DrawnNeurons:
        """Give the neurons of one replica.

        Args:
            model: The network.
            row: Which replica.

        Returns:
            Its neurons, block by block.

        Raises:
            ValueError: If the model starts otherwise.
        """
        if model.initialisation not in ("gaussian", "antisymmetric"):
            raise ValueError(
                f"counted neurons are Gaussian, and the model starts as "
                f"{model.initialisation!r}: give weights, model.initialise(seeds)."
            )
        return DrawnNeurons(model, self.seeds[row])

    def draw(self, model: TwoLayerReLU) -> Weights:
        """Give all weights, as `model.initialise` does.

        Args:
            model: The network.

        Returns:
            W, shape (R, m, d), and a, shape (R, k, m).
        """
        each = [together(separate(self.of(model, row)), model) for row in range(len(self.seeds))]
        return [torch.stack(layers) for layers in zip(*each, strict=True)]


def together(blocks: Iterable[Block], model: TwoLayerReLU) -> Weights:
    """Put blocks without twins together.

    Args:
        blocks: All blocks of a network.
        model: The network.

    Returns:
        W, shape (m, d), and a, shape (k, m).
    """
    W, a = (torch.empty(shape, dtype=torch.float64) for shape in model.shapes)
    for block in blocks:
        part = slice(block.first, block.first + len(block.W))
        W[part], a[:, part] = torch.from_numpy(block.W), torch.from_numpy(block.a.T)
    return [W, a]


def separate(neurons: Neurons) -> Iterator[Block]:
    """Go through the neurons as if none had a twin.

    Args:
        neurons: The neurons.

    Yields:
        A block, without twins.
    """
    for block in neurons:
        yield block._replace(twins=None)
        if block.twins is not None:
            yield Block(block.twins, block.W, -block.a)
