"""The gate at the library's boundary: each check returns the value, or raises one sentence.

The sentence names the value that was got and what to do about it. Callers use what is returned: it
has the right type, whatever sequence, NumPy array or scalar came in.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy as np
import torch

_SEEDS = 2**63
# Beyond it floats skip whole numbers, and no run is that long.
_LARGEST_COUNT = 2**53
_PRECISIONS = (torch.float32, torch.float64)

T = TypeVar("T")


def number(name: str, value: Any) -> float:
    """Return a finite real number.

    Args:
        name: What the number is, for the message.
        value: A number, NumPy scalar or tensor with one entry.

    Returns:
        The number as a float.

    Raises:
        TypeError: If it is not a real number, such as a string, None or a boolean.
        ValueError: If it is infinite or NaN.
    """
    found = _real(name, value)
    if not math.isfinite(found):
        raise ValueError(f"{name} must be a finite number, got {found}: choose one.")
    return found


def positive(name: str, value: Any) -> float:
    """Return a finite number above zero.

    Args:
        name: What the number is, for the message.
        value: The number.

    Returns:
        The number as a float.

    Raises:
        ValueError: If it is zero, negative, infinite or NaN.
    """
    found = _real(name, value)
    if not (math.isfinite(found) and found > 0):
        raise ValueError(f"{name} must be a finite number above 0, got {found:.12g}: choose one.")
    return found


def at_least(name: str, value: Any, least: float, remedy: str = "raise it") -> float:
    """Return a finite number of at least `least`.

    Args:
        name: What the number is, for the message.
        value: The number.
        least: The smallest value allowed.
        remedy: What to do about a smaller one.

    Returns:
        The number as a float.

    Raises:
        ValueError: If it is smaller, infinite or NaN.
    """
    found = _real(name, value)
    if not least <= found < math.inf:
        raise ValueError(
            f"{name} must be finite and at least {least:g}, got {found:.12g}: {remedy}."
        )
    return found


def within(name: str, value: Any, low: float, high: float, remedy: str = "choose one") -> float:
    """Return a number strictly between two others.

    Args:
        name: What the number is, for the message.
        value: The number.
        low: The lower end, excluded.
        high: The upper end, excluded.
        remedy: What to do about another one.

    Returns:
        The number as a float.

    Raises:
        ValueError: If it lies outside or is NaN.
    """
    found = _real(name, value)
    if not low < found < high:
        raise ValueError(
            f"{name} must lie strictly between {low:g} and {high:g}, got {found:g}: {remedy}."
        )
    return found


def fraction(
    name: str, value: Any, remedy: str = "use 0 for none and less than 1 to converge"
) -> float:
    """Return a number in [0, 1).

    Args:
        name: What the number is, for the message.
        value: The number.
        remedy: What to do about another one.

    Returns:
        The number as a float.

    Raises:
        ValueError: If it lies outside [0, 1) or is NaN.
    """
    found = _real(name, value)
    if not 0 <= found < 1:
        raise ValueError(f"{name} must lie in [0, 1), got {found}: {remedy}.")
    return found


def leak(value: Any) -> float:
    """Return the slope of a leaky ReLU below zero.

    Args:
        value: A number in [0, 1).

    Returns:
        The slope as a float.

    Raises:
        ValueError: If it lies outside [0, 1) or is NaN.
    """
    return fraction("leak", value, "use 0 for a ReLU and less than 1 for a kink")


def count(name: str, value: Any, least: int = 1) -> int:
    """Return a whole number of at least `least`.

    Args:
        name: What is counted, for the message.
        value: The number; 1e3 counts as whole.
        least: The smallest value allowed.

    Returns:
        The number as an int.

    Raises:
        ValueError: If it is too small, or beyond 2^53.
        TypeError: If it is not a whole number.
    """
    found = _whole(name, value)
    if found < least:
        raise ValueError(f"{name} must be at least {least}, got {value}: raise it.")
    if found > _LARGEST_COUNT:
        raise ValueError(f"{name} must be at most 2^53, got {_shown(value)}: lower it.")
    return found


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
    given = _numbers(name, sequence(name, values, "range(10)")).double()
    if given.ndim != 1:
        raise ValueError(
            f"{name} must be a vector of whole numbers, got shape {tuple(given.shape)}: flatten it."
        )
    for strange in given[given != given.round()][:1].tolist():
        raise TypeError(f"{name} must be whole numbers, got {strange}: round them.")
    if given.numel() and not (least <= float(given.min()) and float(given.max()) <= _LARGEST_COUNT):
        raise ValueError(
            f"{name} must lie in {least}..2^53, got {float(given.min()):g} to "
            f"{float(given.max()):g}: drop the others."
        )
    return given.to(torch.int64)


def instance(name: str, value: Any, kind: type[T], example: str) -> T:
    """Return an object of a class.

    Args:
        name: What it is, for the message.
        value: The object.
        kind: Its class.
        example: How to make one.

    Returns:
        The object.

    Raises:
        TypeError: If it is of another class.

    Example:
        >>> instance("limit", 0.5, float, "0.5")
        0.5
    """
    if not isinstance(value, kind):
        article = "an" if kind.__name__[0] in "AEIOU" else "a"
        raise TypeError(
            f"{name} must be {article} {kind.__name__}, got {_shown(value)}: give {example}."
        )
    return value


def seed(value: Any) -> int:
    """Return a seed.

    Args:
        value: A whole number in [0, 2^63).

    Returns:
        The seed as an int.

    Raises:
        TypeError: If it is not whole.
        ValueError: If it is out of range.
    """
    found = _whole("seed", value)
    if not 0 <= found < _SEEDS:
        raise ValueError(
            f"seed must lie in [0, 2^63), got {value}: derive one with devices.seed(...)."
        )
    return found


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
        raise TypeError(f"{name} must be a sequence, got {_shown(values)}: give {example}.")
    return list(values)


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
        raise TypeError(f"{name} must be a list of tensors, got {_shown(values)}: give {example}.")
    given = sequence(name, values, example)
    return [floating(f"tensor {i} of {name}", value) for i, value in enumerate(given, start=1)]


def choice(name: str, value: Any, options: Iterable[str]) -> str:
    """Return a word from a list.

    Args:
        name: What is chosen, for the message.
        value: The word.
        options: The words allowed.

    Returns:
        The word.

    Raises:
        ValueError: If it is not in the list.
    """
    allowed = sorted(options)
    if not isinstance(value, str) or value not in allowed:
        raise ValueError(f"unknown {name} {_shown(value)}: choose one of {', '.join(allowed)}.")
    return str(value)


def mapping(name: str, value: Any, example: str) -> Mapping[str, Any]:
    """Return a mapping from names to what they name.

    Args:
        name: What it is, for the message.
        value: The mapping.
        example: How to make one.

    Returns:
        The mapping.

    Raises:
        TypeError: If it is none.

    Example:
        >>> mapping("measured", {"Nesterov": [1.0]}, "a dict")
        {'Nesterov': [1.0]}
    """
    if not isinstance(value, Mapping):
        raise TypeError(f"{name} must be a mapping, got {_shown(value)}: give {example}.")
    return value


def function(name: str, value: Any, example: str) -> Callable[..., Any]:
    """Return what can be called; a class can, but it is no function of numbers.

    Args:
        name: What it is, for the message.
        value: The function.
        example: How to write one.

    Returns:
        The function.

    Raises:
        TypeError: If it cannot be called, or is a class.

    Example:
        >>> function("gradient", abs, "lambda w: w") is abs
        True
    """
    if not callable(value) or isinstance(value, type):
        raise TypeError(f"{name} must be a function, got {_shown(value)}: give {example}.")
    found: Callable[..., Any] = value
    return found


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


def _real(name: str, value: Any) -> float:
    value = _scalar(name, value)
    if isinstance(value, bool | np.bool_) or not isinstance(value, numbers.Real):
        raise TypeError(f"{name} must be a number, got {_shown(value)}: give one.")
    try:
        return float(value)
    except OverflowError:  # an int of over 308 digits
        return -math.inf if value < 0 else math.inf


def _whole(name: str, value: Any) -> int:
    value = _scalar(name, value)
    real = isinstance(value, numbers.Real) and not isinstance(value, bool | np.bool_)
    whole = real and (isinstance(value, numbers.Integral) or float(value).is_integer())
    if not whole:
        remedy = "round it" if real else "give one"
        raise TypeError(f"{name} must be a whole number, got {_shown(value)}: {remedy}.")
    return int(value)


def _scalar(name: str, value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        value = dense(name, value)
    single = isinstance(value, torch.Tensor | np.ndarray) and value.ndim == 0
    return value.item() if single else value


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
        return _numbers(name, value)
    if value.is_nested:
        raise TypeError(f"{name} is a nested tensor: pass its parts one by one.")
    if value.layout is not torch.strided:
        raise TypeError(f"{name} is a sparse tensor: pass {name}.to_dense().")
    if value.is_meta:
        raise TypeError(f"{name} is on the meta device and holds no numbers: give real ones.")
    return value


def _numbers(name: str, value: Any) -> torch.Tensor:
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
            f"{name} must hold numbers, got {_shown(value)}: give a tensor, a NumPy array or a "
            "nested list of numbers."
        ) from error


def _shown(value: Any) -> str:
    if isinstance(value, torch.Tensor | np.ndarray) and value.ndim > 0:
        return f"{type(value).__name__} of shape {tuple(value.shape)}"
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else f"{text[:57]}..."
