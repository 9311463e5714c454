"""The axes of a grid: what is varied, under which labels, and which replica is where."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
import torch

from rootkappa import _checks
from rootkappa._hint import hint

Labels = Mapping[str, tuple[Hashable, ...]]


@dataclass(frozen=True)
class Axis:
    """One thing that is varied.

    Args:
        labels: What its values are called, all different.
        values: The values.
    """

    labels: tuple[Hashable, ...]
    values: tuple[Any, ...]


def read_axis(name: str, given: Any) -> Axis:
    """Read an axis from a sequence of values, which are their own labels, or a mapping.

    Args:
        name: What is varied.
        given: Values, or a mapping label -> value.

    Returns:
        The axis.

    Raises:
        TypeError: If it is a single value, or a value without a mapping cannot be a label.
        ValueError: If it is empty, or two labels are equal.

    Example:
        >>> read_axis("width", [64, 128]).labels
        (64, 128)
    """
    is_mapping = isinstance(given, Mapping)
    values = list(given.values()) if is_mapping else _checks.sequence(f"axis {name}", given)
    labels = list(given) if is_mapping else values
    for label in labels:
        if not _is_label(label):
            raise TypeError(
                f"axis {name} holds a {type(label).__name__}, which is no label: give a mapping "
                "label -> value."
            )
    check_labels(name, labels)
    return Axis(tuple(labels), tuple(values))


def check_labels(name: str, labels: Sequence[Hashable]) -> None:
    """Check that there are labels, and no two alike.

    Args:
        name: What is varied.
        labels: What its values are called.

    Raises:
        ValueError: If there is none, or one twice.
    """
    if not labels:
        raise ValueError(f"axis {name} is empty: give it a label at least, or drop it.")
    for index, label in enumerate(labels):
        if label in labels[:index]:
            raise ValueError(f"axis {name} has the label {label!r} twice: drop one, or rename it.")


def _is_label(value: Any) -> bool:
    if isinstance(value, tuple):
        return all(_is_label(entry) for entry in value)
    return value is None or isinstance(value, str | Real | np.generic)


def position(axes: Labels, name: str, label: Any) -> int:
    """Find a label on an axis.

    Args:
        axes: The labels of every axis.
        name: The axis.
        label: One of its labels.

    Returns:
        Its place, from 0.

    Raises:
        ValueError: If there is no such axis or label; the nearest is named.
    """
    labels = labels_of(axes, name)
    if isinstance(label, torch.Tensor | np.ndarray):
        label = label.tolist()
    if label not in labels:
        raise ValueError(f"axis {name} has no label {label!r}: {hint(label, labels)}")
    return labels.index(label)


def labels_of(axes: Labels, name: Any) -> tuple[Hashable, ...]:
    """Give the labels of an axis.

    Args:
        axes: The labels of every axis.
        name: The axis.

    Returns:
        Its labels.

    Raises:
        ValueError: If there is no such axis; the nearest is named.
    """
    if not isinstance(name, str) or name not in axes:
        near = hint(name, axes) if axes else "all were chosen."
        raise ValueError(f"there is no axis {name!r}: {near}")
    return axes[name]


def places(axes: Labels) -> np.ndarray:
    """Number the replicas.

    Args:
        axes: The labels of every axis.

    Returns:
        The number of every replica, an array with one dimension an axis.
    """
    shape = tuple(len(labels) for labels in axes.values())
    return np.arange(math.prod(shape)).reshape(shape)
