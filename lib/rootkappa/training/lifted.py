"""Weights of a reduced network, made when somebody looks at them, and what needs none of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast, overload

import numpy as np
import torch

from rootkappa.architectures import TwoLayerReLU, Weights
from rootkappa.problems import Spectrum
from rootkappa.reductions.frozen_live.forecast import check_memory
from rootkappa.reductions.frozen_live.neurons import Block, Neurons, separate, together
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
        self._model, self._neurons, self.state = model, neurons, state

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
        return [layer[None] for layer in together(self.blocks(), self._model)][index]

    def __iter__(self) -> Iterator[torch.Tensor]:
        """Go through the layers, lifted once.

        Returns:
            An iterator.
        """
        return iter(self[:])

    def blocks(self) -> Iterator[Block]:
        """Go through the neurons without putting them together.

        Returns:
            An iterator over blocks: the number of the first neuron, W of shape (B, d), and a of
            shape (B, k).
        """
        return separate(self._neurons) if self.state is None else self.state.blocks()


class WideSnapshot(Snapshot):
    """A reduced network at one step: ready-made observers look at its live pairs.

    Any other observer sees weights, which costs a pass over all neurons and their memory.

    Args:
        model: The network.
        step: t.
        state: Where it is.
    """

    _state: State

    def __init__(self, model: TwoLayerReLU, step: int, state: State) -> None:
        neurons = state.neurons
        super().__init__(model, step, Lifted(model, neurons, state), Lifted(model, neurons))
        object.__setattr__(self, "_state", state)

    def displacement(self) -> torch.Tensor:
        """Give ||W(t) - W(0)||_F.

        Returns:
            The distance, shape (1,).
        """
        return _one(self._state.distance())

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
        first = self._state.first
        return _one(float(np.linalg.norm(self._state.kernel - first) / np.linalg.norm(first)))

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
