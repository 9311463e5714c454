"""Tensors of numbers, from whatever tensor, NumPy array or nested list came in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from rootkappa._checks.messages import shown

_PRECISIONS = (torch.float32, torch.float64)


def dense(name: str, value: Any) -> torch.Tensor:
    """Return a tensor of numbers of any dtype that can be read.

    Args:
        name: What the tensor is, for the message.
        value: A tensor, a NumPy array, or a nested list of numbers (which becomes float64).

    Returns:
        The tensor; the same one if a tensor was given.

    Raises:
        TypeError: If it is nested, sparse, on the meta device, or holds no numbers.
    """
    if not isinstance(value, torch.Tensor):
        return converted(name, value)
    if value.is_nested:
        raise TypeError(f"{name} is a nested tensor: pass its parts one by one.")
    if value.layout is not torch.strided:
        raise TypeError(f"{name} is a sparse tensor: pass {name}.to_dense().")
    if value.is_meta:
        raise TypeError(f"{name} is on the meta device and holds no numbers: give real ones.")
    return value


def floating(name: str, value: Any) -> torch.Tensor:
    """Return a tensor of real floating-point numbers without NaN or infinity.

    Args:
        name: What the tensor is, for the message.
        value: A tensor, a NumPy array, or a nested list of numbers (which becomes float64), of any
            shape.

    Returns:
        The tensor, float32 or float64; the same one if a tensor was given.

    Raises:
        TypeError: If it is not dense, not on a device, or of another dtype.
        ValueError: If it holds NaN or infinity.
    """
    tensor = dense(name, value)
    if tensor.dtype not in _PRECISIONS:
        convert = f"{name}.astype(float)" if isinstance(value, np.ndarray) else f"{name}.double()"
        raise TypeError(
            f"{name} must hold floating-point numbers of 32 or 64 bits, got {tensor.dtype}: "
            f"convert it with {convert}."
        )
    bad = int((~torch.isfinite(tensor)).sum())
    if bad:
        raise ValueError(
            f"{name} holds {bad} NaN or infinite entries: clean or drop those columns first."
        )
    return tensor


def vector(name: str, value: Any, length: int | None = None) -> torch.Tensor:
    """Return a vector of real floating-point numbers.

    Args:
        name: What the vector is, for the message.
        value: A tensor, a NumPy array or a list.
        length: How many entries it must have; any number of at least one if None.

    Returns:
        The tensor, shape (n,).

    Raises:
        ValueError: If the shape is another one.
    """
    found = floating(name, value)
    if found.ndim != 1 or len(found) == 0 or length not in (None, len(found)):
        wanted = f"{length} entries" if length is not None else "at least one entry"
        raise ValueError(
            f"{name} must be a vector with {wanted}, got shape {tuple(found.shape)}: reshape it."
        )
    return found


def data(X: Any, Y: Any) -> tuple[torch.Tensor, torch.Tensor]:
    """Return inputs and labels that belong together.

    Args:
        X: Inputs, shape (d, n).
        Y: Labels, shape (k, n).

    Returns:
        The pair, as tensors.

    Raises:
        TypeError: If a dtype is not floating point, or the two dtypes differ.
        ValueError: If a shape is not two-dimensional, the numbers of samples differ, or an
            entry is not finite.
    """
    X, Y = floating("X", X), floating("Y", Y)
    for name, tensor in (("X", X), ("Y", Y)):
        if tensor.ndim != 2 or 0 in tensor.shape:
            raise ValueError(
                f"{name} must be a non-empty matrix with one column a sample, got shape "
                f"{tuple(tensor.shape)}: reshape it to (features, n)."
            )
    if X.shape[1] != Y.shape[1]:
        raise ValueError(
            f"X has n = {X.shape[1]} samples and Y has n = {Y.shape[1]}: "
            "give both one column a sample."
        )
    if X.dtype != Y.dtype or X.device != Y.device:
        raise TypeError(
            f"X is {X.dtype} on {X.device} and Y is {Y.dtype} on {Y.device}: "
            "bring both to one dtype and device with .to()."
        )
    return X, Y


def converted(name: str, value: Any) -> torch.Tensor:
    """Return a tensor of numbers that came as something else.

    Args:
        name: What the tensor is, for the message.
        value: A NumPy array, which keeps its dtype, or a nested list, which becomes float64.

    Returns:
        The tensor.

    Raises:
        TypeError: If it holds no numbers.
    """
    if isinstance(value, list | tuple) and value and isinstance(value[0], torch.Tensor):
        parts = [dense(name, entry) for entry in value]
        with _one_sentence(name, value):
            return torch.stack(parts)
    with _one_sentence(name, value):
        array = np.asarray(value)
        # Arrays keep their dtype; lists become float64, but words and truth values do not.
        given = isinstance(value, np.ndarray)
        if not given and array.dtype.kind not in "iuf":
            raise TypeError(array.dtype)
        dtype = array.dtype.newbyteorder("=") if given else np.dtype(np.float64)
        # torch takes no foreign byte order or negative stride, and warns of read-only memory.
        return torch.as_tensor(np.require(array, dtype, ["C", "W"]))


@contextmanager
def _one_sentence(name: str, value: Any) -> Iterator[None]:
    try:
        yield
    except (TypeError, ValueError, RuntimeError) as error:
        raise TypeError(
            f"{name} must hold numbers, got {shown(value)}: give a tensor, a NumPy array or a "
            "nested list of numbers."
        ) from error
