"""The spectrum of a kernel: what tunings, rates and theorems need to know of a problem."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field

import torch

from rootkappa import _checks

# An eigenvalue this close above the rounding level has lost most of its digits.
_NEAR = 1e3
# How far rounding may push the entries of a symmetric kernel apart, and its zeros below 0.
_SYMMETRIC = 1e3
_NEGATIVE = 10.0


class SpectrumWarning(UserWarning):
    """An eigenvalue lies next to the level below which it counts as zero."""


@dataclass(frozen=True)
class Spectrum:
    """The non-zero eigenvalues of a kernel, or bounds on them.

    Args:
        lambda_min: The least non-zero eigenvalue, or a lower bound, above 0.
        lambda_max: The greatest eigenvalue, or an upper bound.
        dropped: How many eigenvalues counted as zero.
        cut: The level up to which they did.
        eigenvalues: All that were kept, in ascending order, shape (N - dropped,), float64; the two
            ends if only bounds are known.

    Raises:
        ValueError: If the ends are not positive, finite and in order.

    Example:
        >>> Spectrum(2.0, 50.0).kappa
        25.0
    """

    lambda_min: float
    lambda_max: float
    dropped: int = 0
    cut: float = 0.0
    eigenvalues: torch.Tensor = field(default=None, compare=False, repr=False)  # type: ignore[assignment]

    def __post_init__(self) -> None:
        """Check the order.

        Raises:
            ValueError: If the ends are not positive, finite and in order.
        """
        least = _checks.positive("lambda_min", self.lambda_min)
        greatest = _checks.positive("lambda_max", self.lambda_max)
        if not greatest >= least:
            raise ValueError(
                f"lambda_max must be at least lambda_min = {least}, got {greatest}: swap the two."
            )
        object.__setattr__(self, "lambda_min", least)
        object.__setattr__(self, "lambda_max", greatest)
        if self.eigenvalues is None:
            ends = torch.tensor([least, greatest], dtype=torch.float64)
            object.__setattr__(self, "eigenvalues", ends)

    @property
    def kappa(self) -> float:
        """The condition number lambda_max / lambda_min."""
        return self.lambda_max / self.lambda_min

    @property
    def why(self) -> str:
        """What was dropped and why, in a sentence; empty if nothing was."""
        if not self.dropped:
            return ""
        return f"{self.dropped} eigenvalues of at most {self.cut:.2g} count as zero: rounding"

    @classmethod
    def of(cls, kernel: torch.Tensor, rank: int | None = None) -> Spectrum:
        """Take the eigenvalues of a symmetric positive semidefinite kernel.

        Eigenvalues up to N eps lambda_max are rounding and count as zero.

        Args:
            kernel: The matrix, shape (N, N).
            rank: How many eigenvalues are not zero, where that is known.

        Returns:
            The spectrum.

        Raises:
            ValueError: If the kernel is not square, symmetric and semidefinite, or is zero.

        Example:
            >>> found = Spectrum.of(torch.diag(torch.tensor([0.0, 2.0, 8.0], dtype=torch.float64)))
            >>> found.kappa, found.dropped
            (4.0, 1)
        """
        kernel = _symmetric(_checks.floating("kernel", kernel).detach())
        values: torch.Tensor = torch.linalg.eigvalsh(kernel)
        eps = torch.finfo(values.dtype).eps
        size = float(values.abs().max())
        if float(values[0]) < -_NEGATIVE * len(values) * eps * size:
            raise ValueError(
                f"the kernel has the eigenvalue {float(values[0]):.3g} below 0: give J J^T, which "
                "is positive semidefinite."
            )
        return cls.of_values(values, rank)

    @classmethod
    def of_jacobian(cls, jacobian: torch.Tensor, rank: int | None = None) -> Spectrum:
        """Take the squared singular values of a Jacobian J, the eigenvalues of J J^T.

        They keep their digits down to a kappa of 1e31, where the product J J^T loses them at 1e15.

        Args:
            jacobian: J, shape (N, p).
            rank: How many singular values are not zero, where that is known.

        Returns:
            The spectrum.

        Raises:
            ValueError: If the Jacobian is not a matrix, or is zero.
        """
        J = _checks.floating("jacobian", jacobian).detach()
        if J.ndim != 2:
            raise ValueError(f"the Jacobian must be a matrix (N, p), got shape {tuple(J.shape)}.")
        singular = torch.linalg.svdvals(J)
        kept = numerical_rank(singular, max(J.shape)) if rank is None else rank
        eps = torch.finfo(J.dtype).eps
        cut = (float(singular[0]) * max(J.shape) * eps) ** 2
        return _kept(singular.flip(0).double().square(), kept, cut, len(J))

    @classmethod
    def of_values(cls, eigenvalues: torch.Tensor, rank: int | None = None) -> Spectrum:
        """Take eigenvalues that are already known, zeros and their rounding among them.

        Args:
            eigenvalues: Numbers in any order, shape (N,).
            rank: How many of them are not zero, where that is known.

        Returns:
            The spectrum.

        Raises:
            ValueError: If none is above rounding.
        """
        given = _checks.vector("eigenvalues", eigenvalues).detach()
        values = given.sort().values
        kept = numerical_rank(values, len(values)) if rank is None else rank
        cut = float(values[-1]) * len(values) * torch.finfo(values.dtype).eps
        return _kept(values.double(), kept, cut, len(values))

    @classmethod
    def read(cls, spectrum: Spectrum | float, lambda_max: float | None = None) -> Spectrum:
        """Read a spectrum, or its two ends as numbers.

        Args:
            spectrum: A spectrum, or lambda_min.
            lambda_max: The other end, with a number for lambda_min.

        Returns:
            The spectrum.

        Raises:
            TypeError: If one end is missing, or there is one too many.
        """
        if isinstance(spectrum, Spectrum):
            if lambda_max is not None:
                raise TypeError(f"got a spectrum and lambda_max = {lambda_max}: give one of them.")
            return spectrum
        if lambda_max is None:
            raise TypeError(
                f"got {spectrum!r} alone: give a Spectrum, or lambda_min and lambda_max."
            )
        return cls(spectrum, lambda_max)


def numerical_rank(values: torch.Tensor, size: int) -> int:
    """Count the values above rounding: the one rule, for eigenvalues and for singular values.

    Args:
        values: Eigenvalues or singular values of one matrix, at least 0 up to rounding, shape (N,).
        size: The larger dimension of the matrix.

    Returns:
        How many exceed size eps times the largest.
    """
    return int((values > values.max() * size * torch.finfo(values.dtype).eps).sum())


def _symmetric(kernel: torch.Tensor) -> torch.Tensor:
    if kernel.ndim != 2 or kernel.shape[0] != kernel.shape[1] or len(kernel) == 0:
        raise ValueError(
            f"a kernel must be a square matrix (N, N), got shape {tuple(kernel.shape)}: pass the "
            "kernels of a stack one by one, or to kernels.spectra."
        )
    apart = float((kernel - kernel.mT).abs().max())
    if apart > _SYMMETRIC * torch.finfo(kernel.dtype).eps * float(kernel.abs().max()):
        raise ValueError(
            f"the kernel is not symmetric, entries differ from the transpose by {apart:.3g}: give "
            "J J^T."
        )
    return kernel


def _kept(values: torch.Tensor, rank: int, cut: float, size: int) -> Spectrum:
    if not 1 <= rank <= len(values):
        if float(values[-1]) > 0:
            raise ValueError(f"rank must lie in 1..{len(values)}, got {rank}: count again.")
        raise ValueError("the kernel is zero, so nothing can be learnt: check weights and data.")
    kept = values[-rank:]
    least = float(kept[0])
    if least <= 0:
        raise ValueError(
            f"the kernel has {int((kept <= 0).sum())} of {rank} eigenvalues at or below 0: it has a "
            "smaller rank than was given."
        )
    if least < _NEAR * cut:
        warnings.warn(
            f"the least eigenvalue {least:.3g} lies next to the rounding level {cut:.3g}, so kappa "
            "has few digits: use Spectrum.of_jacobian, or float64.",
            SpectrumWarning,
            stacklevel=3,
        )
    return Spectrum(least, float(kept[-1]), size - rank, cut, kept)
