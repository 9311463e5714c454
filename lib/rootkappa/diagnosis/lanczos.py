"""Lanczos' method with full reorthogonalisation, from a start of one's own.

m products give the Gauss rule of the measure that the start sees: integrals of polynomials of
degree 2m - 1 are exact, so that ||xi_t||^2 is, for t < m, and nearly so long after.

Source: Golub and Meurant, Matrices, Moments and Quadrature (1994).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch

Operator = Callable[[torch.Tensor], torch.Tensor]

# A new direction below this share of the largest entry is rounding: the space is complete.
_COMPLETE = {torch.float64: 1e-12, torch.float32: 1e-5}


@dataclass(frozen=True)
class Krylov:
    """What m products tell of a symmetric positive semidefinite operator.

    Args:
        values: The nodes, ascending, shape (m,), float64.
        vectors: Their coordinates in the basis, shape (m, m), one a column.
        basis: Orthonormal directions, shape (m, N); the first is the start.
        length: The norm of the start.
        complete: Whether no direction is left: nodes and weights are then exact.
    """

    values: torch.Tensor
    vectors: torch.Tensor
    basis: torch.Tensor
    length: float
    complete: bool

    @property
    def weights(self) -> torch.Tensor:
        """The start, of norm 1, along the eigenvectors: shape (m,)."""
        return self.vectors[0]

    def assemble(self, coefficients: torch.Tensor) -> torch.Tensor:
        """Give a vector from its coefficients along the eigenvectors.

        Args:
            coefficients: Shape (m,).

        Returns:
            Shape (N,), float64.
        """
        found: torch.Tensor = self.basis.double().mT @ (self.vectors @ coefficients).to(
            self.basis.device
        )
        return found


def lanczos(operator: Operator, start: torch.Tensor, most: int) -> Iterator[Krylov]:
    """Take one product after the other.

    Args:
        operator: v -> M v, for vectors of the start's shape and precision.
        start: Shape (...), not zero.
        most: How many products at most.

    Yields:
        What is known after each.
    """
    length = float(start.double().norm())
    basis = [(start / length).flatten()]
    diagonal: list[float] = []
    beside: list[float] = []
    while True:
        found = operator(basis[-1].view_as(start)).flatten()
        diagonal.append(float(found.double() @ basis[-1].double()))
        new = _orthogonal(found, torch.stack(basis))
        size = float(new.double().norm())
        complete = size <= _COMPLETE[start.dtype] * max(diagonal) or len(basis) == start.numel()
        values, vectors = _solved(diagonal, beside)
        yield Krylov(values, vectors, torch.stack(basis), length, complete)
        if complete or len(basis) >= most:
            return
        beside.append(size)
        basis.append(new / size)


def _orthogonal(vector: torch.Tensor, basis: torch.Tensor) -> torch.Tensor:
    for _ in range(2):  # once leaves the rounding of large components
        vector = vector - basis.mT @ (basis @ vector)
    return vector


def _solved(diagonal: list[float], beside: list[float]) -> tuple[torch.Tensor, torch.Tensor]:
    matrix = torch.diag(torch.tensor(diagonal, dtype=torch.float64))
    if beside:
        off = torch.tensor(beside, dtype=torch.float64)
        matrix = matrix + torch.diag(off, 1) + torch.diag(off, -1)
    values, vectors = torch.linalg.eigh(matrix)
    return values.clamp(min=0.0), vectors
