"""The additive model A1 x + sigma(A2 u): strongly convex in x, perturbed by u."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from rootkappa import _checks
from rootkappa.architectures.model import Factors, Model, takes_weights
from rootkappa.draws import generator, haar, normal
from rootkappa.problems import PartitionConstants, numerical_rank

Pointwise = Callable[[torch.Tensor], torch.Tensor]


@dataclass(frozen=True)
class Activation:
    """A function of one variable with its derivative and its Lipschitz constant.

    Args:
        function: sigma, applied entry by entry.
        derivative: Its derivative; at a kink, the one that automatic differentiation takes.
        lipschitz: B, the least number with |sigma(s) - sigma(t)| <= B |s - t|.
    """

    function: Pointwise
    derivative: Pointwise
    lipschitz: float

    def __post_init__(self) -> None:
        """Check the constant."""
        _checks.positive("lipschitz", self.lipschitz)


_LEAK = 0.1
ACTIVATIONS = {
    "relu": Activation(torch.relu, lambda s: (s > 0).to(s), 1.0),
    "leaky relu": Activation(
        lambda s: torch.nn.functional.leaky_relu(s, _LEAK),
        lambda s: (s > 0).to(s) * (1 - _LEAK) + _LEAK,
        1.0,
    ),
    "tanh": Activation(torch.tanh, lambda s: 1 - torch.tanh(s).square(), 1.0),
}


class AdditiveModel(Model):
    """The loss 1/2 ||A1 x + sigma(A2 u) - b||^2 in x and u.

    It is strongly convex and smooth in x whatever u is, its least value is 0 whatever u is, and
    sigma_max(A2) says how strongly u perturbs it.

    Args:
        A1: An invertible matrix, shape (m, m).
        A2: Any matrix, shape (m, d).
        b: Labels, shape (m,).
        activation: "relu", "leaky relu" (slope 0.1), "tanh", or an `Activation`.

    Raises:
        ValueError: If A1 has no full rank, a shape does not fit, or the Lipschitz constant of the
            activation is not known.

    Source: Liao and Kyrillidis (2024), Section 4.1.

    Example:
        >>> model = AdditiveModel.drawn(torch.tensor([4.0, 1.0]).double(), second=0.5)
        >>> round(model.constants.kappa), round(model.constants.G1, 12)
        (16, 0.5)
    """

    def __init__(
        self,
        A1: torch.Tensor,
        A2: torch.Tensor,
        b: torch.Tensor,
        activation: str | Activation = "relu",
    ) -> None:
        A1, A2, b = (_checks.floating(*pair) for pair in (("A1", A1), ("A2", A2), ("b", b)))
        if A1.ndim != 2 or A1.shape[0] != A1.shape[1]:
            raise ValueError(
                f"A1 must be a square matrix, got shape {tuple(A1.shape)}: only then has every u "
                "one best x, with loss 0."
            )
        if b.ndim != 1 or A2.ndim != 2 or not len(A1) == len(A2) == len(b):
            raise ValueError(
                f"A1, A2 and b have shapes {tuple(A1.shape)}, {tuple(A2.shape)} and "
                f"{tuple(b.shape)}: give (m, m), (m, d) and (m,)."
            )
        for pair in ((A1, A2.T), (A1, b[None, :])):
            _checks.data(*pair)
        super().__init__(b[:, None])
        self.A1, self.A2 = A1, A2
        self.activation = _activation(activation)
        self.singular_values = _full_rank(A1)
        self._factored = torch.linalg.lu_factor(A1)

    @classmethod
    def drawn(
        cls,
        first: torch.Tensor,
        second: float | torch.Tensor,
        d: int | None = None,
        activation: str | Activation = "relu",
        seed: int = 0,
    ) -> AdditiveModel:
        """Draw a model with prescribed singular values.

        Args:
            first: Singular values of A1, shape (m,), above 0; its singular vectors are Haar.
            second: sigma_max(A2) of a Gaussian matrix that is scaled to it, or all min(m, d)
                singular values of A2, with Haar singular vectors.
            d: Number of columns of A2; m if None.
            activation: As for the class.
            seed: Seed of A1, A2 and of the labels, which are N(0, 1).

        Returns:
            The model.

        Raises:
            ValueError: If a singular value is negative, or their number does not fit.
        """
        first = _checks.vector("first", first)
        source, m = generator(seed), len(first)
        columns = m if d is None else _checks.count("d", d)
        A1 = _with_values("first", first, m, m, source)
        if isinstance(second, torch.Tensor | np.ndarray | list | tuple):
            values = _checks.vector("second", second)
            A2 = _with_values("second", values, m, columns, source)
        else:
            remedy = "it is a singular value"
            greatest = _checks.at_least("second", second, 0.0, remedy)
            shape = normal((m, columns), source)
            A2 = shape * (greatest / torch.linalg.matrix_norm(shape, 2))
        b = normal((m,), source)
        return cls(A1.to(first), A2.to(first), b.to(first), activation)

    @property
    def shapes(self) -> list[tuple[int, int]]:
        """Shapes of x and u, both columns."""
        return [(self.A1.shape[1], 1), (self.A2.shape[1], 1)]

    def _draw(self, source: torch.Generator) -> list[torch.Tensor]:
        return [normal(shape, source) for shape in self.shapes]

    @property
    def constants(self) -> PartitionConstants:
        """The constants of Lemma 12, with infinite radii."""
        greatest, least = float(self.singular_values[0]), float(self.singular_values[-1])
        G1 = self.activation.lipschitz * float(torch.linalg.matrix_norm(self.A2, 2))
        return PartitionConstants.additive(least, greatest, G1)

    def perturbation(self, u: torch.Tensor) -> torch.Tensor:
        """Give sigma(A2 u).

        Args:
            u: Shape (R, d, 1).

        Returns:
            Shape (R, m, 1).
        """
        return self.activation.function(self.A2 @ u)

    @takes_weights
    def predict(self, weights: Sequence[torch.Tensor]) -> torch.Tensor:
        """Give A1 x + sigma(A2 u).

        Args:
            weights: x, shape (R, m, 1), and u, shape (R, d, 1).

        Returns:
            Outputs, shape (R, m, 1).
        """
        return self.A1 @ weights[0] + self.perturbation(weights[1])

    def gradient_factors(self, weights: Sequence[torch.Tensor]) -> tuple[torch.Tensor, Factors]:
        """Give the residual and the gradients A1^T r and A2^T (sigma'(A2 u) r).

        Args:
            weights: x, shape (R, m, 1), and u, shape (R, d, 1).

        Returns:
            The residual r, shape (R, m, 1), and a pair of factors each for x and u.
        """
        inner = self.A2 @ weights[1]
        residual = self.A1 @ weights[0] + self.activation.function(inner) - self.Y
        along_u = self.A2.mT @ (self.activation.derivative(inner) * residual)
        one = residual.new_ones(len(residual), 1, 1)
        return residual, [(self.A1.mT @ residual, one), (along_u, one)]

    @takes_weights
    def tangent_kernel(self, weights: Sequence[torch.Tensor]) -> torch.Tensor:
        """Give A1 A1^T + D A2 A2^T D with D the derivatives of sigma.

        Args:
            weights: x, shape (R, m, 1), and u, shape (R, d, 1).

        Returns:
            Kernels, shape (R, m, m).
        """
        moved = self._along_u(weights[1])
        return self.A1 @ self.A1.mT + moved @ moved.mT

    @takes_weights
    def jacobian(self, weights: Sequence[torch.Tensor]) -> torch.Tensor:
        """Give (A1, D A2) with D the derivatives of sigma.

        Args:
            weights: x, shape (R, m, 1), and u, shape (R, d, 1).

        Returns:
            Jacobians, shape (R, m, m + d).
        """
        moved = self._along_u(weights[1])
        return torch.cat([self.A1.expand(len(moved), -1, -1), moved], dim=2)

    def _along_u(self, u: torch.Tensor) -> torch.Tensor:
        return self.activation.derivative(self.A2 @ u) * self.A2

    @takes_weights
    def split(self, weights: Sequence[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
        """Give x and u as vectors.

        Args:
            weights: x, shape (R, m, 1), and u, shape (R, d, 1); or a gradient of these shapes.

        Returns:
            Shapes (R, m) and (R, d).
        """
        return weights[0][..., 0], weights[1][..., 0]

    @takes_weights
    def best_x(self, weights: Sequence[torch.Tensor]) -> torch.Tensor:
        """Give x*(u) = A1^(-1) (b - sigma(A2 u)), at which the loss is 0.

        Args:
            weights: x, which is not read, and u, shape (R, d, 1).

        Returns:
            Shape (R, m).
        """
        target = self.Y - self.perturbation(weights[1])
        solved: torch.Tensor = torch.linalg.lu_solve(*self._factored, target[..., 0].mT)
        return solved.mT


def _activation(activation: str | Activation) -> Activation:
    if isinstance(activation, Activation):
        return activation
    if not isinstance(activation, str) or activation not in ACTIVATIONS:
        raise ValueError(
            f"activation {activation!r} has no known Lipschitz constant, and G1 needs it: choose "
            f"one of {', '.join(ACTIVATIONS)}, or give Activation(function, derivative, lipschitz)."
        )
    return ACTIVATIONS[activation]


def _full_rank(A1: torch.Tensor) -> torch.Tensor:
    values: torch.Tensor = torch.linalg.svdvals(A1)
    rank = numerical_rank(values, len(A1))
    if rank < len(values):
        raise ValueError(
            f"A1 is rank deficient: its singular value number {rank + 1} of {len(values)} is "
            f"{float(values[rank]):.1e}, so mu = 0 and the theorem does not apply; raise it "
            "above 0."
        )
    return values


def _with_values(
    name: str, values: torch.Tensor, rows: int, cols: int, source: torch.Generator
) -> torch.Tensor:
    size = min(rows, cols)
    if values.shape != (size,) or bool((values < 0).any()):
        raise ValueError(
            f"{name} must hold {size} singular values of at least 0, got shape "
            f"{tuple(values.shape)} with least entry {float(values.min()):.3g}."
        )
    middle = torch.diag(values.double().cpu())
    return haar(rows, size, source) @ middle @ haar(size, cols, source)
