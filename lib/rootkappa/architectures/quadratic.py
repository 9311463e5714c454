"""Linear least squares: the model problem, on which every rate is exact."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from rootkappa import _checks
from rootkappa.architectures.model import Factors, Model, takes_weights
from rootkappa.draws import normal


class Quadratic(Model):
    """The loss 1/2 ||J w - y||^2, with the constant tangent kernel J J^T.

    Args:
        features: J, shape (N, p).
        labels: y, shape (N,); zero if None.

    Raises:
        ValueError: If the shapes do not fit or an entry is not finite.
        TypeError: If a dtype is not floating point.

    Example:
        >>> model = Quadratic.with_spectrum(torch.tensor([1.0, 4.0], dtype=torch.float64))
        >>> torch.linalg.eigvalsh(model.tangent_kernel(model.initialise([0])))[0].tolist()
        [1.0, 4.0]
    """

    def __init__(self, features: torch.Tensor, labels: torch.Tensor | None = None) -> None:
        J = _checks.floating("features", features)
        if J.ndim != 2:
            raise ValueError(
                f"features must be a matrix (N, p), got shape {tuple(J.shape)}: reshape it."
            )
        column = J.new_zeros(len(J)) if labels is None else _checks.vector("labels", labels)
        _checks.data(J.T, column[None, :])
        super().__init__(column[:, None])
        self.features = J

    @classmethod
    def with_spectrum(cls, eigenvalues: torch.Tensor) -> Quadratic:
        """Make the diagonal quadratic 1/2 sum_i lambda_i w_i^2.

        Args:
            eigenvalues: lambda, shape (p,), all at least 0; a tensor, a NumPy array or a list.

        Returns:
            The model.

        Raises:
            ValueError: If an eigenvalue is negative.
        """
        values = _checks.vector("eigenvalues", eigenvalues)
        if bool((values < 0).any()):
            raise ValueError(
                f"eigenvalues must be at least 0, got {float(values.min())}: "
                "a negative one has no minimum."
            )
        return cls(torch.diag(values.sqrt()))

    @property
    def shapes(self) -> list[tuple[int, int]]:
        """Shape of the single layer w, a column."""
        return [(self.features.shape[1], 1)]

    def _draw(self, source: torch.Generator) -> list[torch.Tensor]:
        return [normal(self.shapes[0], source)]

    @takes_weights
    def predict(self, weights: Sequence[torch.Tensor]) -> torch.Tensor:
        """Give J w.

        Args:
            weights: One tensor (R, p, 1).

        Returns:
            Outputs, shape (R, N, 1).
        """
        return self.features @ weights[0]

    def gradient_factors(self, weights: Sequence[torch.Tensor]) -> tuple[torch.Tensor, Factors]:
        """Give the residual and the gradient J^T (J w - y).

        Args:
            weights: One tensor (R, p, 1).

        Returns:
            The residual, shape (R, N, 1), and one pair of factors.
        """
        residual = self.features @ weights[0] - self.Y
        gradient = self.features.mT @ residual
        return residual, [(gradient, gradient.new_ones(len(gradient), 1, 1))]

    @takes_weights
    def jacobian(self, weights: Sequence[torch.Tensor]) -> torch.Tensor:
        """Give J, whatever the weights.

        Args:
            weights: One tensor (R, p, 1).

        Returns:
            Jacobians, shape (R, N, p).
        """
        return self.features.expand(len(weights[0]), -1, -1)

    @takes_weights
    def tangent_kernel(self, weights: Sequence[torch.Tensor]) -> torch.Tensor:
        """Give J J^T, whatever the weights.

        Args:
            weights: One tensor (R, p, 1).

        Returns:
            Kernels, shape (R, N, N).
        """
        kernel = self.features @ self.features.mT
        return kernel.expand(len(weights[0]), -1, -1)
