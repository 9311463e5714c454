r"""Networks without activations: one constant K bounds how fast their Jacobian turns.

Write the outputs as left F_L ... F_1 right, with F_l the layers over their scale s. Let c_l and c_r
bound the products left F_L ... F_{l+1} and F_{l-1} ... F_1 right at the start, and c_m those of
neighbouring middle layers, 1 among them. Then in the ball of radius R, in the Frobenius norm,

    ||J(y) - J(y')|| <= K |y - y'|,   K = c_l c_r c_m (L - 1)/s exp(c_m sqrt(L - 2) R/s).
"""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass

import torch
from typing_extensions import override

from rootkappa import _checks
from rootkappa.architectures import DeepLinear, LinearResNet, Weights
from rootkappa.theorems._linear import singular_values
from rootkappa.theorems.kernel import M
from rootkappa.theorems.rootkappa2026momentum.momentum import (
    MomentumTheorem,
    Neighbourhood,
    Start,
)

# The constant of the corollaries for heavy ball.
HEAVY_BALL = 427.0


@dataclass(frozen=True)
class LinearMomentum(MomentumTheorem[M]):
    """What the two theorems on networks without activations share.

    |.| is the Frobenius norm of all layers together. With sigma_1^2 = lambda_max(H_0):
    sigma = 5/4 sigma_1, delta = 9/4 sigma_1 K R and tau = K Q.

    Args:
        method: The tuning, a function of the spectrum of the kernel at the start.
    """

    @abstractmethod
    def chain(self, problem: Start[M]) -> Chain:
        """Write the network at its start as left F_L ... F_1 right.

        Args:
            problem: The network and its starting weights.

        Returns:
            The factors.
        """

    @override
    def neighbourhood(self, problem: Start[M]) -> Neighbourhood:
        top = math.sqrt(self.spectrum(problem).lambda_max)
        turning = Turning.of(self.chain(problem))
        return Neighbourhood(
            gradient=1.25 * top,
            drift=lambda R: 2.25 * top * turning.constant(R) * R,
            bend=lambda R, Q: turning.constant(R) * Q,
        )

    @override
    def length(self, difference: Weights) -> torch.Tensor:
        norms = [torch.linalg.matrix_norm(layer) for layer in difference]
        length: torch.Tensor = torch.linalg.vector_norm(torch.stack(norms), dim=0)
        return length


@dataclass(frozen=True)
class DeepLinearMomentum(LinearMomentum[DeepLinear]):
    """||xi_t|| <= 2 C rho_1^t ||xi_0|| on a deep linear network from any start, if 2 theta G <= 1.

    From orthogonal weights with heavy ball, eta = 1/lambda_max and beta = (1 - 1/(2 sqrt kappa))^2,
    a width m >= 427^2 kappa^4 k ||xi_0||^2 / ||X||^2 is enough, whatever the depth.

    Args:
        method: The tuning, a function of the spectrum of the kernel at the start.

    Source: derived for this book, chapter of proofs, Theorem 2.

    Example:
        >>> from rootkappa import datasets
        >>> from rootkappa.reductions import sample_orthogonal
        >>> data = datasets.gaussian(d=4, k=1, kappa=2).reduced()
        >>> drawn = sample_orthogonal(data.X, data.Y, 10**9, 3, seeds=[0])
        >>> DeepLinearMomentum().check((drawn.model, drawn.weights)).holds
        True
    """

    kind = DeepLinear
    number = "Theorem 2"
    title = "Momentum on deep linear networks"

    @override
    def chain(self, problem: Start[DeepLinear]) -> Chain:
        model, weights = self._drawn(problem)
        scale, k = math.sqrt(model.scale_width), len(model.Y)
        left = torch.eye(k).to(model.Y) / math.sqrt(k)
        return Chain(scale, left, [layer[0] / scale for layer in weights], model.X)

    def required_width(self, model: DeepLinear, delta: float = 0.1) -> float:
        """Give the width of the corollary: enough for heavy ball with probability 1 - delta.

        From orthogonal weights, with the default tuning.

        Args:
            model: The network with its data, reduced to rank size.
            delta: The probability of failure, in (0, 1).

        Returns:
            427^2 kappa^4 k (||Y||_F + ||X||_F / sqrt delta)^2 / ||X||^2.

        Raises:
            ValueError: If delta is out of range.
        """
        delta = _checks.within("delta", delta, 0.0, 1.0)
        values = singular_values(model)
        kappa = float(values[0] / values[-1]) ** 2
        size = float(model.Y.norm()) + float(model.X.norm()) / math.sqrt(delta)
        return (HEAVY_BALL * kappa**2 * size / float(values[0])) ** 2 * len(model.Y)


@dataclass(frozen=True)
class ResNetMomentum(LinearMomentum[LinearResNet]):
    """||xi_t|| <= 2 C rho_1^t ||xi_0|| on a linear residual network, if 2 theta G <= 1.

    From zero hidden weights with heavy ball, eta = 1/lambda_max and
    beta = (1 - 1/(2 sqrt kappa))^2, maps with ||AX|| ||B|| >= 427 kappa^2 ||xi_0|| are enough,
    whatever width and depth.

    Args:
        method: The tuning, a function of the spectrum of the kernel at the start.

    Source: derived for this book, chapter of proofs, Theorem 3.
    """

    kind = LinearResNet
    number = "Theorem 3"
    title = "Momentum on linear residual networks"

    @override
    def chain(self, problem: Start[LinearResNet]) -> Chain:
        model, weights = self._drawn(problem)
        eye = torch.eye(model.width).to(model.Y)
        return Chain(1.0, model.B[0], [eye + layer[0] for layer in weights], model.A[0] @ model.X)

    def required_scale(self, model: LinearResNet) -> float:
        """Give the scale of the corollary: enough for heavy ball on the modified identity.

        Args:
            model: The network with its data, reduced to rank size.

        Returns:
            427 kappa(X)^2 ||Y||_F / ||X||, which s_A s_B must reach.
        """
        values = singular_values(model)
        kappa = float(values[0] / values[-1]) ** 2
        return HEAVY_BALL * kappa**2 * float(model.Y.norm()) / float(values[0])


@dataclass(frozen=True, eq=False)
class Chain:
    """A network without activations at its start, s left F_L ... F_1 right.

    Args:
        scale: s: a layer is s F_l, or it moves as F_l does and s = 1.
        left: The map on the left, shape (k, .).
        layers: F_1, ..., F_L.
        right: The map on the right, shape (., n).
    """

    scale: float
    left: torch.Tensor
    layers: list[torch.Tensor]
    right: torch.Tensor


@dataclass(frozen=True)
class Turning:
    """The products that bound the second derivative of a network without activations.

    Args:
        depth: L.
        scale: s.
        left: c_l.
        right: c_r.
        middle: c_m.
    """

    depth: int
    scale: float
    left: float
    right: float
    middle: float

    @classmethod
    def of(cls, chain: Chain) -> Turning:
        """Measure the products at a start.

        Args:
            chain: The network at its start.

        Returns:
            The products.
        """
        above, below, middle = [chain.left], [chain.right], [1.0]
        for layer in reversed(chain.layers[1:]):
            above.append(above[-1] @ layer)
        for layer in chain.layers[:-1]:
            below.append(layer @ below[-1])
        between = chain.layers[1:-1]
        for first, product in enumerate(between):
            middle.append(_norm(product))
            for layer in between[first + 1 :]:
                product = layer @ product
                middle.append(_norm(product))
        left, right = (max(map(_norm, products)) for products in (above, below))
        return cls(len(chain.layers), chain.scale, left, right, max(middle))

    def constant(self, radius: float) -> float:
        """Give K, the Lipschitz constant of the Jacobian in a ball around the start.

        Args:
            radius: R, in the Frobenius norm of all layers together.

        Returns:
            K; 0 for one layer, on which the outputs depend linearly.
        """
        if self.depth == 1:
            return 0.0
        exponent = self.middle * math.sqrt(self.depth - 2) * radius / self.scale
        grown = float(torch.tensor(exponent, dtype=torch.float64).exp())
        return self.left * self.right * self.middle * (self.depth - 1) / self.scale * grown


def _norm(matrix: torch.Tensor) -> float:
    return float(torch.linalg.matrix_norm(matrix, 2))
