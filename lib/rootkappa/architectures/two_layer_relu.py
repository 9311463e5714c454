"""The two-layer network f(x) = s sum_r a_r phi(w_r . x) in R^k with a ReLU phi, s = m^{-1/2}."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch

from rootkappa import _checks
from rootkappa.architectures._rectifier import leaking, rectified, sent_back
from rootkappa.architectures.model import Factors, Model, Weights, kronecker, takes_weights
from rootkappa.draws import normal

_SCALINGS: dict[str, Callable[[int], float]] = {
    "lazy": lambda width: 1 / math.sqrt(width),
    "mean-field": lambda width: 1 / width,
    "none": lambda width: 1.0,
}


class TwoLayerReLU(Model):
    r"""A two-layer ReLU network with k outputs, every gradient in closed form.

    With $Z = WX$, the activation pattern $A = [Z \ge 0]$ and the residual $\Xi = U - Y$,

    $$U = s\,a\,(A\odot Z),\qquad
    \nabla_W L = s\,(A\odot a^\top\Xi)\,X^\top,\qquad
    \nabla_a L = s\,\Xi\,(A\odot Z)^\top .$$

    The convention at the kink is relu'(0) = 1, as in the papers. The layers are W (m, d), with
    a last column of biases if there are any, and a (k, m). Without `train_output` the outer weights
    keep their start: their gradient is zero and they do not enter the tangent kernel. The papers
    have one output; k more are the same network with k rows of outer weights. With a leak
    alpha the activation is max(z, alpha z), and A has alpha in the place of 0.

    Args:
        X: Inputs, shape (d, n).
        Y: Labels, shape (k, n).
        width: m, at least 1; even for antisymmetric initialisation.
        initialisation: "gaussian" (w_r from N(0, I), entries of a_r +1 or -1 with equal chance),
            "antisymmetric" (half of the neurons so, and each again with the sign -a_r: U = 0 at
            the start), or "bu2021" (w_r of standard deviation 1/m, biases as torch.nn.Linear draws
            them, entries of a_r uniform on [-1, 1]).
        scaling: The factor s: "lazy" (m^{-1/2}), "mean-field" (1/m) or "none" (1).
        bias: Whether the hidden units have trained biases.
        train_output: Whether a is trained.
        leak: alpha, the slope below zero, in [0, 1). The papers have 0.

    Raises:
        ValueError: If a number, a shape or a name is out of range, or data are not finite.
        TypeError: If a dtype is not floating point.

    Source: Du, Zhai, Poczos and Singh (2018) for the model; "bu2021" with scaling "none", biases
    and trained output is the network of the public experiments of Bu, Xu and Chen (2021).

    Example:
        >>> X = torch.eye(2, dtype=torch.float64)
        >>> model = TwoLayerReLU(X, X[:1], width=8, initialisation="antisymmetric")
        >>> bool(model.predict(model.initialise([0])).abs().max() < 1e-15)
        True
        >>> TwoLayerReLU(X, X[:1], width=1, leak=0.25).predict(
        ...     [torch.tensor([[[4.0, -4.0]]]).double(), torch.ones(1, 1, 1).double()]
        ... ).tolist()
        [[[4.0, -1.0]]]
    """

    def __init__(
        self,
        X: torch.Tensor,
        Y: torch.Tensor,
        width: int,
        initialisation: str = "gaussian",
        scaling: str = "lazy",
        *,
        bias: bool = False,
        train_output: bool = False,
        leak: float = 0.0,
    ) -> None:
        X, Y = _checks.data(X, Y)
        super().__init__(Y)
        self.X = X
        self.width = _checks.count("width", width)
        self.initialisation = _checks.choice("initialisation", initialisation, _DRAWS)
        self.scaling = _checks.choice("scaling", scaling, _SCALINGS)
        if initialisation == "antisymmetric" and width % 2:
            raise ValueError(
                f"antisymmetric initialisation pairs the neurons and needs an even width, got "
                f"{width}: use {width + 1}."
            )
        self.bias = bias
        self.train_output = train_output
        self.leak = _checks.leak(leak)
        self.factor = _SCALINGS[scaling](self.width)
        self.inputs = torch.cat([X, torch.ones_like(X[:1])]) if bias else X

    @property
    def shapes(self) -> list[tuple[int, int]]:
        """Shapes of W and a."""
        return [(self.width, len(self.inputs)), (len(self.Y), self.width)]

    def _draw(self, source: torch.Generator) -> list[torch.Tensor]:
        return _DRAWS[self.initialisation](self, source)

    @takes_weights
    def activation_patterns(self, weights: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        """Say which neuron is active on which sample: A = [W X >= 0].

        Args:
            weights: W, shape (R, m, d), and a, shape (R, k, m).

        Returns:
            Booleans, one tensor (R, m, n).
        """
        return [self._hidden(weights) >= 0]

    def arrange(self, weights: Sequence[torch.Tensor]) -> Weights:
        """Give the same weights, with W stored input by input: one product serves all replicas.

        Args:
            weights: W, shape (R, m, d), and a, shape (R, k, m).

        Returns:
            Tensors with the same entries; a itself.
        """
        W, a = weights
        return [W.permute(2, 0, 1).contiguous().permute(1, 2, 0), a]

    def _hidden(self, weights: Sequence[torch.Tensor]) -> torch.Tensor:
        # X^T beside the transposes of all W side by side. What follows has this order in memory.
        W = weights[0]
        columns = self.inputs.mT @ W.permute(2, 0, 1).flatten(1)
        hidden: torch.Tensor = columns.unflatten(1, W.shape[:2]).permute(1, 2, 0)
        return hidden

    def _outer(self, weights: Sequence[torch.Tensor]) -> torch.Tensor:
        # Detached, so that automatic differentiation too takes fixed signs as constants.
        return weights[1] if self.train_output else weights[1].detach()

    @property
    def signals(self) -> int:
        """Two numbers a neuron and sample, three if a is trained or there are several outputs.

        Pre-activations and activations. What is sent back takes the memory of the activations,
        unless the gradient of a needs them, or several outputs are first summed elsewhere.
        """
        return (2 + (self.train_output or len(self.Y) > 1)) * self.width * self.Y.shape[1]

    @takes_weights
    def predict(self, weights: Sequence[torch.Tensor]) -> torch.Tensor:
        """Give U = s a (A * Z).

        Args:
            weights: W, shape (R, m, d), and a, shape (R, k, m).

        Returns:
            Outputs, shape (R, k, n).
        """
        return self.factor * (self._outer(weights) @ rectified(self._hidden(weights), self.leak))

    def gradient_factors(self, weights: Sequence[torch.Tensor]) -> tuple[torch.Tensor, Factors]:
        """Give the residual and the gradients of W and a.

        Args:
            weights: W, shape (R, m, d), and a, shape (R, k, m).

        Returns:
            The residual, shape (R, k, n), and a pair for W and one for a. The second is an empty
            product, hence zero, where a is fixed.
        """
        hidden = self._hidden(weights)
        active = rectified(hidden, self.leak)
        residual = self.factor * (weights[1] @ active) - self.Y
        return residual, self._factors(weights, hidden, active, residual)

    def batch_factors(
        self, weights: Sequence[torch.Tensor], shares: torch.Tensor
    ) -> tuple[torch.Tensor, Factors]:
        """Give the residual on all data and the gradient in which sample i counts shares_i times.

        Args:
            weights: W, shape (R, m, d), and a, shape (R, k, m).
            shares: Weights of the samples, shape (R, n).

        Returns:
            The residual, shape (R, k, n), and a pair for W and one for a, as in `gradient_factors`.
        """
        hidden = self._hidden(weights)
        active = rectified(hidden, self.leak)
        residual = self.factor * (weights[1] @ active) - self.Y
        return residual, self._factors(weights, hidden, active, residual * shares[:, None])

    @takes_weights
    def pull_back(self, weights: Sequence[torch.Tensor], vector: torch.Tensor) -> Factors:
        """Give J^T v, the gradient that a residual v would have, in factored form.

        Args:
            weights: W, shape (R, m, d), and a, shape (R, k, m).
            vector: v, shape (R, k, n).

        Returns:
            A pair for W and one for a, as in `gradient_factors`.
        """
        hidden = self._hidden(weights)
        return self._factors(weights, hidden, rectified(hidden, self.leak), vector)

    def _factors(
        self,
        weights: Sequence[torch.Tensor],
        hidden: torch.Tensor,
        active: torch.Tensor,
        vector: torch.Tensor,
    ) -> Factors:
        scaled = self.factor * vector
        # In the loop, unless a is trained, the memory of the activations is free, and in cache.
        free = not (self.train_output or torch.is_grad_enabled())
        left = sent_back(weights[1], scaled, hidden, self.leak, active if free else None)
        right = self.inputs.mT.expand(len(left), -1, -1)
        if self.train_output:
            return [(left, right), (scaled, active.mT)]
        empty = scaled[:, :, :0]
        return [(left, right), (empty, weights[1][:, :0])]

    @takes_weights
    def tangent_kernel(self, weights: Sequence[torch.Tensor]) -> torch.Tensor:
        """Give H, entry ((i, c), (j, e)) = s^2 <x_i, x_j> sum_r a_cr a_er A_ri A_rj.

        If a is trained, and s^2 relu(Z)^T relu(Z) (x) I.

        Args:
            weights: W, shape (R, m, d), and a, shape (R, k, m).

        Returns:
            Kernels on column-major vec(U), shape (R, k n, k n).
        """
        hidden = self._hidden(weights), weights[1]
        return self._products(hidden, hidden)

    @takes_weights
    def cross_kernel(
        self, weights: Sequence[torch.Tensor], others: Sequence[torch.Tensor]
    ) -> torch.Tensor:
        """Give J(weights) J(others)^T, the kernel between two points of a trajectory.

        Args:
            weights: W, shape (R, m, d), and a, shape (R, k, m).
            others: The same shapes.

        Returns:
            Matrices, shape (R, k n, k n).
        """
        others = self.fitting(others)
        pairs = [(self._hidden(point), point[1]) for point in (weights, others)]
        return self._products(*pairs)

    def _products(self, *sides: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
        # Of two points, each by its pre-activations and outer weights.
        k = len(self.Y)
        gram = (self.inputs.mT @ self.inputs).repeat_interleave(k, 0).repeat_interleave(k, 1)
        one, two = sides
        opened = self._open(*one)
        kernel = gram * (opened @ (opened if two is one else self._open(*two)).mT)
        if self.train_output:
            features = [rectified(hidden, self.leak) for hidden, _ in sides]
            kernel = kernel + kronecker(features[0].mT @ features[1], torch.eye(k).to(gram)[None])
        return self.factor**2 * kernel

    def _open(self, hidden: torch.Tensor, a: torch.Tensor) -> torch.Tensor:
        # The outer weights of the neurons, each times its slope on a sample, shape (R, n k, m).
        outer = a[:, None]
        return leaking((hidden >= 0).mT[:, :, None] * outer, outer, self.leak).flatten(1, 2)


def _signs(shape: tuple[int, int], source: torch.Generator) -> torch.Tensor:
    return 2.0 * torch.randint(2, shape, generator=source).double() - 1.0


def _gaussian(model: TwoLayerReLU, source: torch.Generator) -> list[torch.Tensor]:
    return [normal(model.shapes[0], source), _signs(model.shapes[1], source)]


def _antisymmetric(model: TwoLayerReLU, source: torch.Generator) -> list[torch.Tensor]:
    half = model.width // 2
    W, a = normal((half, len(model.inputs)), source), _signs((len(model.Y), half), source)
    return [torch.cat([W, W]), torch.cat([a, -a], dim=1)]


def _bu2021(model: TwoLayerReLU, source: torch.Generator) -> list[torch.Tensor]:
    W = normal(model.shapes[0], source) / model.width
    if model.bias:
        reach = 1 / math.sqrt(len(model.X))
        W[:, -1:] = reach * _uniform((model.width, 1), source)
    return [W, _uniform(model.shapes[1], source)]


def _uniform(shape: tuple[int, int], source: torch.Generator) -> torch.Tensor:
    return 2.0 * torch.rand(shape, generator=source, dtype=torch.float64) - 1.0


_DRAWS: dict[str, Callable[[TwoLayerReLU, torch.Generator], list[torch.Tensor]]] = {
    "gaussian": _gaussian,
    "antisymmetric": _antisymmetric,
    "bu2021": _bu2021,
}
