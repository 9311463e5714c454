"""Random matrices. All draws are made on the CPU in float64, so that every device sees the same.

The variable ROOTKAPPA_SHIFT moves every draw of the library, data and weights alike: with another
shift the book is measured on other draws.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch

from rootkappa import _checks, devices

SHIFT_VARIABLE = "ROOTKAPPA_SHIFT"


def generator(seed: int) -> torch.Generator:
    """Make a random generator on the CPU.

    Args:
        seed: The seed, in [0, 2^63); `devices.seed` derives one from what a run is.

    Returns:
        The generator.

    Raises:
        TypeError: If the seed is not whole.
        ValueError: If it is out of range.
    """
    return torch.Generator().manual_seed(_shifted(seed))


def numpy_generator(seed: int) -> np.random.Generator:
    """Make a random generator of NumPy, for the laws that torch does not have.

    Args:
        seed: The seed, as for `generator`.

    Returns:
        The generator.

    Raises:
        TypeError: If the seed is not whole.
        ValueError: If it is out of range.
    """
    return np.random.default_rng(_shifted(seed))


@contextmanager
def shifted(shift: int) -> Iterator[None]:
    """Move every draw of the library, in this process and those that it starts.

    Args:
        shift: Which other draws; 0 for those of the book.

    Yields:
        Nothing; the earlier shift comes back at the end.

    Raises:
        TypeError: If the shift is not whole.
        ValueError: If it is negative.
    """
    earlier = os.environ.get(SHIFT_VARIABLE)
    os.environ[SHIFT_VARIABLE] = str(_checks.count("shift", shift, least=0))
    try:
        yield
    finally:
        if earlier is None:
            del os.environ[SHIFT_VARIABLE]
        else:
            os.environ[SHIFT_VARIABLE] = earlier


def normal(shape: tuple[int, ...], source: torch.Generator) -> torch.Tensor:
    """Draw independent N(0, 1) entries.

    Args:
        shape: Shape of the result.
        source: A CPU generator.

    Returns:
        The draws, float64.

    Raises:
        TypeError: If the source is no generator, so that the draws would not be repeatable.
    """
    _checks.instance("source", source, torch.Generator, "draws.generator(0)")
    shape = tuple(_checks.count("size", size, 0) for size in _checks.sequence("shape", shape))
    return torch.randn(shape, generator=source, dtype=torch.float64)


def haar(rows: int, cols: int, source: torch.Generator) -> torch.Tensor:
    """Draw a Haar matrix with orthonormal columns, or orthonormal rows where it is wide.

    Args:
        rows: Number of rows.
        cols: Number of columns.
        source: A CPU generator.

    Returns:
        The matrix, shape (rows, cols), float64.

    Example:
        >>> Q = haar(5, 3, generator(0))
        >>> torch.allclose(Q.T @ Q, torch.eye(3, dtype=torch.float64))
        True
    """
    rows, cols = _checks.count("rows", rows), _checks.count("cols", cols)
    tall = normal((max(rows, cols), min(rows, cols)), source)
    Q, R = torch.linalg.qr(tall)
    # Without the signs of the diagonal, QR is not Haar: its distribution depends on LAPACK.
    signed: torch.Tensor = Q * R.diagonal().sign()
    return signed if rows >= cols else signed.T.contiguous()


def _shifted(seed: int) -> int:
    found, shift = _checks.seed(seed), os.environ.get(SHIFT_VARIABLE, "0")
    if not shift.isdigit():
        raise ValueError(f"{SHIFT_VARIABLE} must be a whole number of at least 0, got {shift!r}.")
    return found if int(shift) == 0 else devices.seed(shift=int(shift), seed=found)
