"""The spectrum of a kernel: what tunings, rates and theorems need to know of a problem."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field

import torch

from rootkappa import _checks

# Within so many rounding levels an eigenvalue has lost most of its digits, and rounding in the
# products that make a kernel can explain what should not be: a sign, or an entry off its transpose.
_DOUBT = 1e3


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
        ValueError: If the ends are not positive, finite and in order, or not those of the
            eigenvalues.

    Example:
        >>> Spectrum(2.0, 50.0).kappa
        25.0
    """

    lambda_min: float
    lambda_max: float
    dropped: int = 0
    cut: float = 0.0
    # None stands for the two ends in the call alone: it is filled in, so that it is never read.
    eigenvalues: torch.Tensor = field(default=None, compare=False, repr=False)  # type: ignore[assignment]

    def __post_init__(self) -> None:
        """Check the order.

        Raises:
            ValueError: If the ends are not positive, finite and in order, or not those of the
                eigenvalues.
        """
        ends = [
            _checks.positive(name, getattr(self, name)) for name in ("lambda_min", "lambda_max")
        ]
        if not ends[0] <= ends[1]:
            raise ValueError(
                f"lambda_max must be at least lambda_min = {ends[0]}, got {ends[1]}: swap the two."
            )
        values = torch.tensor(ends, dtype=torch.float64)
        if self.eigenvalues is not None:
            values = _checks.vector("eigenvalues", self.eigenvalues).detach().double()
        if bool((values.diff() < 0).any()) or [float(values[0]), float(values[-1])] != ends:
            raise ValueError(
                f"eigenvalues must ascend from lambda_min = {ends[0]} to lambda_max = {ends[1]}: "
                "use Spectrum.of_values."
            )
        found = {
            "lambda_min": ends[0],
            "lambda_max": ends[1],
            "dropped": _checks.count("dropped", self.dropped, 0),
            "cut": _checks.at_least("cut", self.cut, 0.0),
            "eigenvalues": values,
        }
        for name, value in found.items():
            object.__setattr__(self, name, value)

    @property
    def kappa(self) -> float:
        """The condition number lambda_max / lambda_min."""
        return self.lambda_max / self.lambda_min

    @property
    def why(self) -> str:
        """What was dropped and why, in a sentence; empty if nothing was."""
        if not self.dropped:
            return ""
        noun = "eigenvalue counts" if self.dropped == 1 else "eigenvalues count"
        return (
            f"{self.dropped} {noun} as zero: at most {self.cut:.2g}, beside a greatest of "
            f"{self.lambda_max:.2g}"
        )

    @classmethod
    def of(cls, kernel: torch.Tensor, rank: int | None = None) -> Spectrum:
        """Take the eigenvalues of a symmetric positive semidefinite kernel.

        Eigenvalues up to `rounding_level` count as zero. They are found in float64, but a kernel in
        float32 has lost its digits already, and that level knows it.

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
        matrix = symmetric(_checks.floating("kernel", kernel).detach())
        if matrix.ndim != 2:
            raise ValueError(
                f"one kernel has shape (N, N), got {tuple(matrix.shape)}: pass the kernels of a "
                "stack one by one, or to kernels.spectra."
            )
        values: torch.Tensor = torch.linalg.eigvalsh(matrix.double())
        return _kept(semidefinite(values, matrix.dtype), rank, matrix.dtype)

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
        if J.ndim != 2 or J.numel() == 0:
            raise ValueError(
                f"a Jacobian must be a matrix (N, p), got shape {tuple(J.shape)}: pass those of a "
                "stack one by one."
            )
        singular = torch.linalg.svdvals(J.double())
        missing = singular.new_zeros(max(len(J) - len(singular), 0))
        values = torch.cat([singular, missing]).flip(0)
        return _kept(values, rank, J.dtype, max(J.shape), power=2)

    @classmethod
    def of_values(cls, eigenvalues: torch.Tensor, rank: int | None = None) -> Spectrum:
        """Take eigenvalues that are already known, zeros and their rounding among them.

        Args:
            eigenvalues: Numbers in any order, shape (N,).
            rank: How many of them are not zero, where that is known.

        Returns:
            The spectrum.

        Raises:
            ValueError: If one is negative beyond rounding, or none is above it.

        Example:
            >>> Spectrum.of_values([3.0, 1.0, 0.0]).why
            '1 eigenvalue counts as zero: at most 2e-15, beside a greatest of 3'
        """
        given = _checks.vector("eigenvalues", eigenvalues).detach()
        values = given.double().sort().values
        return _kept(semidefinite(values, given.dtype), rank, given.dtype)

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


def numerical_rank(values: torch.Tensor, size: int | None = None) -> int:
    """Count the values above rounding: the one rule, for eigenvalues and for singular values.

    Args:
        values: Eigenvalues or singular values of one matrix, at least 0 up to rounding, shape (N,).
        size: The larger dimension of the matrix; N if None.

    Returns:
        How many exceed their `rounding_level`.

    Example:
        >>> numerical_rank(torch.tensor([1e-17, 1e-3, 1.0], dtype=torch.float64))
        2
    """
    return int((values > rounding_level(values, values.dtype, size)).sum())


def rounding_level(
    values: torch.Tensor, dtype: torch.dtype, size: int | None = None
) -> torch.Tensor:
    """Give the level up to which eigenvalues or singular values are rounding.

    It is size eps max, or minus the least of them if that is larger: exact ones are not negative.

    Args:
        values: Those of each matrix, shape (..., N).
        dtype: The precision in which the matrix was computed.
        size: The larger dimension of the matrix; N if None.

    Returns:
        The levels, shape (..., 1).
    """
    return torch.maximum(_expected(values, dtype, size), -values.amin(-1, keepdim=True))


def semidefinite(values: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """Return eigenvalues of positive semidefinite matrices.

    Args:
        values: The eigenvalues, shape (..., N).
        dtype: The precision in which the matrices were computed.

    Returns:
        The same eigenvalues.

    Raises:
        ValueError: If one is negative beyond rounding.
    """
    if bool((values < -_DOUBT * _expected(values, dtype, None)).any()):
        raise ValueError(
            f"eigenvalues must be at least 0, got {float(values.min()):.6g}: give those of J J^T, "
            "which is positive semidefinite."
        )
    return values


def symmetric(kernels: torch.Tensor) -> torch.Tensor:
    """Return kernels that are square and symmetric.

    Args:
        kernels: The matrices, shape (..., N, N).

    Returns:
        The same matrices.

    Raises:
        ValueError: If they are not square, or one differs from its transpose beyond rounding.
    """
    if kernels.ndim < 2 or kernels.shape[-1] != kernels.shape[-2] or kernels.numel() == 0:
        raise ValueError(
            f"a kernel must be a square matrix (N, N), got shape {tuple(kernels.shape)}: give "
            "J J^T, for a Jacobian J with one row an output."
        )
    apart = (kernels - kernels.mT).abs().amax((-2, -1))
    size = kernels.abs().amax((-2, -1))
    if bool((apart > _DOUBT * torch.finfo(kernels.dtype).eps * size).any()):
        raise ValueError(
            f"the kernel is not symmetric, entries differ from the transpose by "
            f"{float(apart.max()):.3g}: give J J^T."
        )
    return kernels


def _expected(values: torch.Tensor, dtype: torch.dtype, size: int | None) -> torch.Tensor:
    greatest = values.abs().amax(-1, keepdim=True)
    return greatest * (torch.finfo(dtype).eps * (size or values.shape[-1]))


def _kept(
    values: torch.Tensor,
    rank: int | None,
    dtype: torch.dtype,
    size: int | None = None,
    power: int = 1,
) -> Spectrum:
    # Of ascending singular values (power 2) or eigenvalues (power 1), keep those that are not zero.
    level = float(rounding_level(values, dtype, size))
    kept = int((values > level).sum()) if rank is None else _checks.count("rank", rank)
    if kept > len(values):
        raise ValueError(f"rank must lie in 1..{len(values)}, got {kept}: count again.")
    if not float(values[-1]) > 0:
        raise ValueError("the kernel is zero, so nothing can be learnt: check weights and data.")
    dropped = values[: len(values) - kept]
    cut = max([level, *dropped[-1:].tolist()]) ** power
    found = values[-kept:].square() if power == 2 else values[-kept:]
    least = float(found[0])
    if least <= 0:
        raise ValueError(
            f"the kernel has {int((found <= 0).sum())} eigenvalues of 0 among the {kept} of its "
            "rank: give a smaller rank."
        )
    if float(values[-kept]) < _DOUBT * level:
        remedy = "use Spectrum.of_jacobian" if power == 1 else "take kappa as an order of magnitude"
        warnings.warn(
            f"the least eigenvalue {least:.3g} lies next to the rounding level {level**power:.3g}, "
            f"so kappa has few digits: {remedy if dtype == torch.float64 else 'use float64'}.",
            SpectrumWarning,
            stacklevel=3,
        )
    return Spectrum(least, float(found[-1]), len(dropped), cut, found)
