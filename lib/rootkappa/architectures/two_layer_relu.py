"""The two-layer ReLU network f(x) = s sum_r a_r max(0, w_r . x), with s = m^{-1/2}."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence

import torch

from rootkappa import _checks
from rootkappa.architectures.model import Factors, Model, Weights
from rootkappa.draws import normal

_SCALINGS: dict[str, Callable[[int], float]] = {
    "lazy": lambda width: 1 / math.sqrt(width),
    "mean-field": lambda width: 1 / width,
    "none": lambda width: 1.0,
}


class TwoLayerReLU(Model):
    r"""A two-layer ReLU network with scalar output, every gradient in closed form.

    With $Z = WX$ and the activation pattern $A = [Z \ge 0]$,

    $$f = s\,a^\top(A\odot Z),\qquad
    \nabla_W L = s\,\mathrm{diag}(a)\,(A\odot 1\xi^\top)X^\top,\qquad
    \nabla_a L = s\,\xi(A\odot Z)^\top .$$

    The convention at the kink is relu'(0) = 1, as in the papers. The layers are W (m, d), with
    a last column of biases if there are any, and a (1, m). Without `train_output` the outer weights
    keep their start: their gradient is zero and they do not enter the tangent kernel.

    Args:
        X: Inputs, shape (d, n).
        Y: Labels, shape (1, n).
        width: m, at least 1; even for antisymmetric initialisation.
        initialisation: "gaussian" (w_r from N(0, I), a_r = +1 or -1 with equal chance),
            "antisymmetric" (half of the neurons so, and each again with the sign -a_r: f = 0 at
            the start), or "bu2021" (w_r of standard deviation 1/m, biases as torch.nn.Linear draws
            them, a_r uniform on [-1, 1]).
        scaling: The factor s: "lazy" (m^{-1/2}), "mean-field" (1/m) or "none" (1).
        bias: Whether the hidden units have trained biases.
        train_output: Whether a is trained.

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
    ) -> None:
        _checks.data(X, Y)
        if len(Y) != 1:
            raise ValueError(
                f"a two-layer ReLU network has one output, got labels of shape {tuple(Y.shape)}: "
                "give one row, such as one class against another."
            )
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
        self.factor = _SCALINGS[scaling](self.width)
        self.inputs = torch.cat([X, torch.ones_like(X[:1])]) if bias else X

    @property
    def shapes(self) -> list[tuple[int, int]]:
        """Shapes of W and a."""
        return [(self.width, len(self.inputs)), (1, self.width)]

    def _draw(self, source: torch.Generator) -> list[torch.Tensor]:
        return _DRAWS[self.initialisation](self, source)

    def activation_patterns(self, weights: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        """Say which neuron is active on which sample: A = [W X >= 0].

        Args:
            weights: W, shape (R, m, d), and a, shape (R, 1, m).

        Returns:
            Booleans, one tensor (R, m, n).
        """
        return [self._hidden(weights) >= 0]

    def arrange(self, weights: Sequence[torch.Tensor]) -> Weights:
        """Give the same weights, with W stored input by input: one product serves all replicas.

        Args:
            weights: W, shape (R, m, d), and a, shape (R, 1, m).

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
        """Two numbers a neuron and sample, three if a is trained.

        Pre-activations and activations. What is sent back takes the memory of the activations,
        unless the gradient of a needs them.
        """
        return (2 + self.train_output) * self.width * self.Y.shape[1]

    def predict(self, weights: Sequence[torch.Tensor]) -> torch.Tensor:
        """Give f = s a (A * Z).

        Args:
            weights: W, shape (R, m, d), and a, shape (R, 1, m).

        Returns:
            Outputs, shape (R, 1, n).
        """
        return self.factor * (self._outer(weights) @ _relu(self._hidden(weights)))

    def gradient_factors(self, weights: Sequence[torch.Tensor]) -> tuple[torch.Tensor, Factors]:
        """Give the residual and the gradients of W and a.

        Args:
            weights: W, shape (R, m, d), and a, shape (R, 1, m).

        Returns:
            The residual, shape (R, 1, n), and a pair for W and one for a. The second is an empty
            product, hence zero, where a is fixed.
        """
        hidden = self._hidden(weights)
        active = _relu(hidden)
        residual = self.factor * (weights[1] @ active) - self.Y
        return residual, self._factors(weights, hidden, active, residual)

    def pull_back(self, weights: Sequence[torch.Tensor], vector: torch.Tensor) -> Factors:
        """Give J^T v, the gradient that a residual v would have, in factored form.

        Args:
            weights: W, shape (R, m, d), and a, shape (R, 1, m).
            vector: v, shape (R, 1, n).

        Returns:
            A pair for W and one for a, as in `gradient_factors`.
        """
        hidden = self._hidden(weights)
        return self._factors(weights, hidden, _relu(hidden), vector)

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
        left = _where_active(scaled, hidden, active if free else None).mul_(weights[1].mT)
        right = self.inputs.mT.expand(len(left), -1, -1)
        if self.train_output:
            return [(left, right), (scaled, active.mT)]
        empty = scaled[:, :, :0]
        return [(left, right), (empty, weights[1][:, :0])]

    def tangent_kernel(self, weights: Sequence[torch.Tensor]) -> torch.Tensor:
        """Give H = s^2 (X^T X) * (A^T diag(a^2) A), and s^2 relu(Z)^T relu(Z) if a is trained.

        Args:
            weights: W, shape (R, m, d), and a, shape (R, 1, m).

        Returns:
            Kernels, shape (R, n, n).
        """
        return self.cross_kernel(weights, weights)

    def cross_kernel(
        self, weights: Sequence[torch.Tensor], others: Sequence[torch.Tensor]
    ) -> torch.Tensor:
        """Give J(weights) J(others)^T, the kernel between two points of a trajectory.

        Args:
            weights: W, shape (R, m, d), and a, shape (R, 1, m).
            others: The same shapes.

        Returns:
            Matrices, shape (R, n, n).
        """
        one, two = self._hidden(weights), self._hidden(others)
        shares = (weights[1] * others[1]).mT * (two >= 0)
        kernel = (self.inputs.mT @ self.inputs) * ((one >= 0).to(one).mT @ shares)
        if self.train_output:
            kernel = kernel + _relu(one).mT @ _relu(two)
        return self.factor**2 * kernel


def _relu(hidden: torch.Tensor) -> torch.Tensor:
    return hidden.clamp(min=0.0)


def _where_active(
    row: torch.Tensor, hidden: torch.Tensor, memory: torch.Tensor | None
) -> torch.Tensor:
    # A * 1 row in one pass, where a comparison and a fill took half of a step.
    below = _just_below_zero(hidden.dtype)
    mask = torch.ops.aten.threshold_backward
    if memory is None:
        masked: torch.Tensor = mask(row, hidden, below)
    else:
        masked = mask.grad_input(row, hidden, below, grad_input=memory)
    return masked


@functools.cache
def _just_below_zero(dtype: torch.dtype) -> float:
    # What exceeds this is at least 0, so that relu'(0) = 1.
    zero = torch.zeros((), dtype=dtype)
    return float(torch.nextafter(zero, zero - 1))


def _signs(count: int, source: torch.Generator) -> torch.Tensor:
    return 2.0 * torch.randint(2, (1, count), generator=source).double() - 1.0


def _gaussian(model: TwoLayerReLU, source: torch.Generator) -> list[torch.Tensor]:
    return [normal(model.shapes[0], source), _signs(model.width, source)]


def _antisymmetric(model: TwoLayerReLU, source: torch.Generator) -> list[torch.Tensor]:
    half = model.width // 2
    W, a = normal((half, len(model.inputs)), source), _signs(half, source)
    return [torch.cat([W, W]), torch.cat([a, -a], dim=1)]


def _bu2021(model: TwoLayerReLU, source: torch.Generator) -> list[torch.Tensor]:
    W = normal(model.shapes[0], source) / model.width
    if model.bias:
        reach = 1 / math.sqrt(len(model.X))
        W[:, -1] = reach * _uniform(model.width, source)
    return [W, _uniform(model.width, source)[None, :]]


def _uniform(count: int, source: torch.Generator) -> torch.Tensor:
    return 2.0 * torch.rand(count, generator=source, dtype=torch.float64) - 1.0


_DRAWS: dict[str, Callable[[TwoLayerReLU, torch.Generator], list[torch.Tensor]]] = {
    "gaussian": _gaussian,
    "antisymmetric": _antisymmetric,
    "bu2021": _bu2021,
}
