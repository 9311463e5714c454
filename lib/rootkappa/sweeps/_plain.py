"""Plain data: what a specification may hold, and the two texts that stand for it."""

from __future__ import annotations

import hashlib
import json
import math
from typing import Any

import numpy as np
import torch

_REMEDY = "give numbers, words, true or false, lists and tables of them"


def plain(value: Any, where: str) -> Any:
    """Give plain data: what TOML and JSON can hold.

    Args:
        value: The data; NumPy numbers and arrays, tensors, tuples and ranges become plain.
        where: Where it stands in the specification, for the message.

    Returns:
        The same data of dicts, lists, str, bool, int and float.

    Raises:
        TypeError: If something has no plain form, naming its place.
        ValueError: If a number is NaN or infinite.
    """
    if isinstance(value, np.generic | np.ndarray | torch.Tensor):
        value = value.tolist()
    if isinstance(value, dict):
        return {_key(key, where): plain(item, f"{where}.{key}") for key, item in value.items()}
    if isinstance(value, list | tuple | range):
        return [plain(item, f"{where}[{index}]") for index, item in enumerate(value)]
    if not isinstance(value, str | bool | int | float):
        raise TypeError(f"{where} is {value!r:.60}, which is not plain data: {_REMEDY}.")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{where} must be a finite number, got {value}: choose one.")
    return value


def text(data: Any) -> str:
    """Write plain data in one way only.

    Args:
        data: The data.

    Returns:
        JSON with sorted keys.
    """
    return json.dumps(data, sort_keys=True, separators=(",", ":"))


def digest(*parts: str) -> str:
    """Shorten texts to a name.

    Args:
        *parts: The texts.

    Returns:
        32 hexadecimal digits.
    """
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()


def whole(data: Any) -> Any:
    """Give the same data with 64.0 written as 64: a seed depends on numbers, not on their type.

    Args:
        data: Plain data.

    Returns:
        Plain data.
    """
    if isinstance(data, dict):
        return {key: whole(item) for key, item in data.items()}
    if isinstance(data, list):
        return [whole(item) for item in data]
    return int(data) if isinstance(data, float) and data.is_integer() else data


def _key(key: Any, where: str) -> str:
    if not isinstance(key, str):
        raise TypeError(f"{where} has the key {key!r:.60}, which is no word: {_REMEDY}.")
    return key
