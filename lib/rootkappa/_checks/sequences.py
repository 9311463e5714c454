"""Sequences: any, of whole numbers, of seeds, of tensors, and the layers of a network."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import torch

from rootkappa._checks.messages import shown
from rootkappa._checks.scalars import LARGEST_COUNT, count, seed
from rootkappa._checks.tensors import converted, dense, floating


def sequence(name: str, values: Any, example: str = "a list") -> list[Any]:
    """Return a sequence as a list.

    Args:
        name: What it holds, for the message.
        values: Any iterable with an order; so neither a string, nor a mapping, nor a set.
        example: What could have been meant.

    Returns:
        Its entries.

    Raises:
        TypeError: If it is a single value, a string, a mapping or a set.
    """
    if isinstance(values, torch.Tensor):
        values = dense(name, values)
    if isinstance(values, torch.Tensor | np.ndarray) and values.ndim > 0:
        return list(values.tolist()) if values.ndim == 1 else list(values)
    single = isinstance(values, str | bytes | dict | set | frozenset | torch.Tensor | np.ndarray)
    if single or not isinstance(values, Iterable):
        raise TypeError(f"{name} must be a sequence, got {shown(values)}: give {example}.")
    return list(values)


def counts(name: str, values: Any, least: int = 0) -> torch.Tensor:
    """Return a vector of whole numbers of at least `least`.

    Args:
        name: What is counted, for the message.
        values: A tensor, a NumPy array, a range or a list; 1e3 counts as whole.
        least: The smallest value allowed.

    Returns:
        The numbers, shape (S,), int64; empty if there are none.

    Raises:
        TypeError: If it is no sequence, or an entry is not whole.
        ValueError: If it is not a vector, or an entry is too small.
    """
    given = converted(name, sequence(name, values, "range(10)")).double()
    if given.ndim != 1:
        raise ValueError(
            f"{name} must be a vector of whole numbers, got shape {tuple(given.shape)}: flatten it."
        )
    for strange in given[given != given.round()][:1].tolist():
        raise TypeError(f"{name} must be whole numbers, got {strange}: round them.")
    if given.numel() and not (least <= float(given.min()) and float(given.max()) <= LARGEST_COUNT):
        raise ValueError(
            f"{name} must lie in {least}..2^53, got {float(given.min()):g} to "
            f"{float(given.max()):g}: drop the others."
        )
    return given.to(torch.int64)


def seeds(values: Any, replicas: int | None = None) -> list[int]:
    """Return one seed a replica.

    Args:
        values: A sequence of whole numbers, such as range(8).
        replicas: How many are wanted; any number of at least one if None.

    Returns:
        The seeds.

    Raises:
        TypeError: If it is no sequence, or an entry is not whole.
        ValueError: If a seed is out of range, or their number is not what is wanted.
    """
    found = [seed(value) for value in sequence("seeds", values, "range(8)")]
    count("number of replicas", len(found))
    if replicas is not None and len(found) != replicas:
        raise ValueError(f"got {len(found)} seeds for {replicas} replicas: give one each.")
    return found


def tensors(name: str, values: Any, example: str = "one tensor a layer") -> list[torch.Tensor]:
    """Return a sequence of tensors of real floating-point numbers.

    Args:
        name: What they are, for the message.
        values: A list of tensors, NumPy arrays or nested lists.
        example: What could have been meant.

    Returns:
        The tensors.

    Raises:
        TypeError: If it is one tensor, no sequence, empty, or an entry is no tensor of numbers.
    """
    if isinstance(values, torch.Tensor | np.ndarray) or not sequence(name, values, example):
        raise TypeError(f"{name} must be a list of tensors, got {shown(values)}: give {example}.")
    given = sequence(name, values, example)
    return [floating(f"tensor {i} of {name}", value) for i, value in enumerate(given, start=1)]


def layers(
    weights: Any, shapes: Sequence[tuple[int, int]], name: str = "weights"
) -> list[torch.Tensor]:
    """Return stacked weights that fit the layers of a network.

    Args:
        weights: One tensor (R, rows, cols) a layer.
        shapes: Rows and columns of every layer.
        name: What they are, for the message.

    Returns:
        The tensors.

    Raises:
        ValueError: If the number of layers, a shape or the number of replicas does not fit.
    """
    given = sequence(name, weights, "model.initialise(seeds)")
    found = [floating(f"layer {i} of {name}", layer) for i, layer in enumerate(given, start=1)]
    fits = [tuple(layer.shape[1:]) for layer in found] == list(shapes)
    if not fits or len({len(layer) for layer in found}) != 1:
        raise ValueError(
            f"{name} have shapes {[tuple(layer.shape) for layer in found]}, the model wants "
            f"(R, rows, cols) with {list(shapes)}: use model.initialise(seeds)."
        )
    return found
