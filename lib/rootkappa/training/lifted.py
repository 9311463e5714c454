"""Weights of a reduced network, made when somebody looks at them, and what needs none of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast, overload

import numpy as np
import torch

from rootkappa.architectures import TwoLayerReLU, Weights
from rootkappa.problems import Spectrum
from rootkappa.reductions.frozen_live.forecast import check_memory
from rootkappa.reductions.frozen_live.neurons import Neurons, gather
from rootkappa.reductions.frozen_live.state import State
from rootkappa.training.snapshot import Observer, Snapshot


class Lifted(Sequence[torch.Tensor]):
    """The layers W (1, m, d) and a (1, k, m) of a reduced network, lifted when they are asked for.

    Args:
        model: The network.
        neurons: Its neurons at the start.
        state: Where they are; None for the start.
    """

    def __init__(self, model: TwoLayerReLU, neurons: Neurons, state: State | None = None) -> None:
        self._model, self._neurons, self._state = model, neurons, state

    def __len__(self) -> int:
        """Count the layers.

        Returns:
            Two.
        """
        return len(self._model.shapes)

    @overload
    def __getitem__(self, index: int) -> torch.Tensor: ...
    @overload
    def __getitem__(self, index: slice) -> Weights: ...
    def __getitem__(self, index: int | slice) -> torch.Tensor | Weights:
        """Lift all weights, and give a layer, or some.

        Args:
            index: Which.

        Returns:
            The tensor, or a list of them.

        Raises:
            MemoryError: If the weights are larger than what is left of the memory.
        """
        rows, cols = self._model.shapes[0]
        check_memory(8 * rows * cols, "the weights", "go through them with blocks()")
        W, a = gather(self._neurons, self._model)
        if self._state is not None:
            for first, moved in self._state.blocks():
                W[first : first + len(moved)] = torch.from_numpy(moved)
        return [W[None], a[None]][index]

    def __iter__(self) -> Iterator[torch.Tensor]:
        """Go through the layers, lifted once.

        Returns:
            An iterator.
        """
        return iter(self[:])

    def blocks(self) -> Iterator[tuple[int, np.ndarray]]:
        """Go through the neurons without putting them together.

        Yields:
            Pairs of the number of a block's first neuron and its weights, shape (B, d).
        """
        if self._state is not None:
            yield from self._state.blocks()
            return
        for block in self._neurons:
            for first in (block.first, block.twins):
                if first is not None:
                    yield first, block.W


class WideSnapshot(Snapshot):
    """A reduced network at one step: ready-made observers look at its live pairs.

    Any other observer sees weights, which costs a pass over all neurons and their memory.

    Args:
        model: The network.
        step: t.
        neurons: Its neurons at the start.
        state: Where they are.
        first: The tangent kernel at the start, shape (n k, n k).
    """

    def __init__(
        self, model: TwoLayerReLU, step: int, neurons: Neurons, state: State, first: np.ndarray
    ) -> None:
        super().__init__(model, step, Lifted(model, neurons, state), Lifted(model, neurons))
        object.__setattr__(self, "_state", state)
        object.__setattr__(self, "_first", first)

    _state: State
    _first: np.ndarray

    def displacement(self) -> torch.Tensor:
        """Give ||W(t) - W(0)||_F.

        Returns:
            The distance, shape (1,).
        """
        return _one(self._state.displacement())

    def largest_displacement(self) -> torch.Tensor:
        """Give max_r ||w_r(t) - w_r(0)||, by a pass over all neurons.

        Returns:
            The distance, shape (1,).
        """
        return _one(self._state.largest_displacement())

    def flipped_share(self) -> torch.Tensor:
        """Give the share of pairs (neuron, sample) whose activation differs from the start.

        Returns:
            The share, shape (1,).
        """
        return _one(self._state.flipped_share())

    def kernel_drift(self) -> torch.Tensor:
        """Give ||H_t - H_0||_F / ||H_0||_F.

        Returns:
            The relative drift, shape (1,).
        """
        moved = np.linalg.norm(self._state.kernel - self._first)
        return _one(float(moved / np.linalg.norm(self._first)))

    def kernel_extremes(self) -> torch.Tensor:
        """Give the least non-zero and the greatest eigenvalue of H_t.

        Returns:
            The pair, shape (1, 2).
        """
        spectrum = Spectrum.of(torch.from_numpy(self._state.kernel))
        return torch.tensor([[spectrum.lambda_min, spectrum.lambda_max]], dtype=torch.float64)


_READY = (
    "displacement",
    "flipped_share",
    "kernel_drift",
    "kernel_extremes",
    "largest_displacement",
)


def ready_made(observer: Observer) -> Observer:
    """Give the observer that looks at live pairs, for one of `Snapshot`'s own.

    Args:
        observer: Any observer.

    Returns:
        That of `WideSnapshot`, or the same one.
    """
    own = {getattr(Snapshot, name): getattr(WideSnapshot, name) for name in _READY}
    return cast(Observer, own.get(cast(Any, observer), observer))


def _one(value: float) -> torch.Tensor:
    return torch.tensor([value], dtype=torch.float64)
