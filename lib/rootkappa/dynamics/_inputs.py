"""What the room takes as eigenvalues, kernels, steps and times, and how it reads them."""

from __future__ import annotations

from typing import Any

import torch

from rootkappa import _checks
from rootkappa.problems import Spectrum
from rootkappa.problems.spectrum import rounding_level, semidefinite, symmetric

Eigenvalues = torch.Tensor | Spectrum
Kernel = torch.Tensor | tuple[torch.Tensor, torch.Tensor]


def eigenvalues(given: Any) -> torch.Tensor:
    """Return eigenvalues of positive semidefinite matrices in float64.

    Args:
        given: Numbers at or above 0, any shape, or a spectrum.

    Returns:
        The same numbers in float64, with rounding below 0 set to 0.

    Raises:
        ValueError: If there is none, or one is negative beyond rounding.
    """
    if isinstance(given, Spectrum):
        return given.eigenvalues
    values = _checks.floating("eigenvalues", given)
    if values.numel() == 0:
        raise ValueError("eigenvalues are empty: give at least one.")
    return semidefinite(values.double().reshape(-1), values.dtype).reshape(values.shape).clamp(0.0)


def shares(given: Any, values: torch.Tensor) -> torch.Tensor:
    """Return the residual of a start in the basis of eigenvectors.

    Args:
        given: One number an eigenvalue, shape (..., N).
        values: The eigenvalues, shape (..., N).

    Returns:
        The numbers in float64, on the device of the eigenvalues.

    Raises:
        ValueError: If there is not one an eigenvalue.
    """
    weights = _checks.floating("weights", given).to(values)
    if values.ndim == 0 or weights.shape[-1:] != values.shape[-1:]:
        raise ValueError(
            f"eigenvalues have shape {tuple(values.shape)} and weights {tuple(weights.shape)}: "
            "give one weight an eigenvalue, of the same length."
        )
    return weights


def decompose(kernel: Any, residual: Any) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return a kernel's eigenvalues and eigenvectors, and a residual in that basis, in float64.

    Args:
        kernel: Symmetric kernels, shape (..., N, N); or their eigenvalues (..., N) and
            eigenvectors (..., N, N).
        residual: The residual that the kernel acts on, shape (..., N).

    Returns:
        Eigenvalues, shape (..., N), with those that are rounding set to 0, eigenvectors, shape
        (..., N, N), and weights, shape (..., N).

    Raises:
        ValueError: If the shapes do not fit.
    """
    values, vectors = _pair(kernel) if isinstance(kernel, tuple) else _solved(kernel)
    xi = _checks.floating("residual", residual).to(values)
    if xi.shape[-1:] != values.shape[-1:]:
        raise ValueError(
            f"residual has {xi.shape[-1] if xi.ndim else 1} entries and the kernel "
            f"{values.shape[-1]} eigenvalues: vectorise the residual column by column to (..., N)."
        )
    return values, vectors, (vectors.mT @ xi.unsqueeze(-1)).squeeze(-1)


def steps(given: Any, like: torch.Tensor) -> torch.Tensor:
    """Return the steps asked for.

    Args:
        given: The last step T, for all of t = 0, ..., T; or the steps wanted, shape (S,).
        like: A tensor whose device and dtype they get.

    Returns:
        The steps, shape (T + 1,) or (S,).
    """
    if getattr(given, "ndim", None) == 0 or not hasattr(given, "__len__"):
        return torch.arange(_checks.count("steps", given, 0) + 1).to(like)
    return _checks.counts("steps", given).to(like)


def times(given: Any) -> torch.Tensor:
    """Return times at which a flow is looked at.

    Args:
        given: Numbers of at least 0, shape (S,).

    Returns:
        The same numbers in float64.

    Raises:
        ValueError: If they are no vector, or one is negative.
    """
    t = _checks.floating("times", given).double()
    if t.ndim != 1 or (t.numel() and float(t.min()) < 0):
        raise ValueError(
            f"times must be a vector of numbers at least 0, got shape {tuple(t.shape)}"
            f"{f' and least time {float(t.min())}' if t.numel() else ''}: flows start at t = 0."
        )
    return t


def _solved(given: Any) -> tuple[torch.Tensor, torch.Tensor]:
    kernel = symmetric(_checks.floating("kernel", given))
    values, vectors = torch.linalg.eigh(kernel.double())
    semidefinite(values, kernel.dtype)
    return torch.where(values <= rounding_level(values, kernel.dtype), 0.0, values), vectors


def _pair(given: tuple[Any, ...]) -> tuple[torch.Tensor, torch.Tensor]:
    if len(given) != 2:
        raise ValueError(f"got {len(given)} parts of a kernel: give (eigenvalues, eigenvectors).")
    values, vectors = eigenvalues(given[0]), _checks.floating("eigenvectors", given[1])
    if values.ndim == 0 or vectors.shape[-2:] != (values.shape[-1],) * 2:
        raise ValueError(
            f"eigenvalues have shape {tuple(values.shape)} and eigenvectors "
            f"{tuple(vectors.shape)}: give (..., N) and (..., N, N), as from torch.linalg.eigh."
        )
    return values, vectors.to(values)
