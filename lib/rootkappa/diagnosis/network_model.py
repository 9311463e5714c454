"""Any module of PyTorch as a model: the library's methods, grids and observers train it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import nn
from torch.utils._pytree import tree_map

from rootkappa.architectures import Model
from rootkappa.architectures.model import Factors, takes_weights
from rootkappa.diagnosis.losses import Squares
from rootkappa.diagnosis.module import ModuleFunction, Parameters
from rootkappa.diagnosis.products import Products, quiet


class NetworkModel(Model):
    """A module with its data, under the loss 1/2 ||f(X) - Y||^2 of this library.

    torch.nn.MSELoss is 2/(n k) times that: its step size eta is eta 2/(n k) here. A layer is a
    parameter, as a column; tied parameters are one, frozen ones none.

    Args:
        module: The module, in the mode in which it will be trained. It is not changed.
        X: The inputs, what the module takes as its only argument.
        Y: The labels, of the outputs' shape (n, ...).

    Raises:
        TypeError: If parameters, inputs, outputs or labels are of a kind that cannot be trained so.
        ValueError: If two passes differ, something is not finite, nothing trains, or shapes differ.

    Example:
        >>> import torch
        >>> from rootkappa import gradient_descent, train
        >>> X, Y = torch.eye(3, dtype=torch.float64), torch.ones(3, 1, dtype=torch.float64)
        >>> model = NetworkModel(torch.nn.Linear(3, 1, bias=False).double(), X, Y)
        >>> run = train(model, gradient_descent(0.5), model.start(), 2)
        >>> [round(float(norm / run.residual_norms[0, 0]), 4) for norm in run.residual_norms[0]]
        [1.0, 0.5, 0.25]
    """

    def __init__(self, module: nn.Module, X: torch.Tensor, Y: torch.Tensor) -> None:
        self._function = ModuleFunction(module, X)
        outputs = self._function.outputs
        Squares(outputs, Y, 1.0)  # refuses labels that do not fit
        super().__init__(Y.to(outputs).reshape(len(Y), -1).mT.contiguous())
        self._together = True

    @property
    def shapes(self) -> list[tuple[int, int]]:
        """Every parameter that trains, as a column."""
        return [(value.numel(), 1) for value in self._function.parameters.values()]

    def start(self) -> list[torch.Tensor]:
        """Give the module's own weights, as those of one replica.

        Returns:
            A tensor (1, p_l, 1) a parameter.
        """
        return [value.reshape(1, -1, 1).clone() for value in self._function.parameters.values()]

    def _draw(self, source: torch.Generator) -> list[torch.Tensor]:
        fresh = copy.deepcopy(self._function.module)
        seed = int(torch.randint(2**62, (), generator=source))
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            for name, part in fresh.named_modules():
                _reset(name, part)
        drawn = dict(fresh.named_parameters())
        names = self._function.parameters
        return [drawn[name].detach().reshape(-1, 1).double().cpu() for name in names]

    @takes_weights
    def predict(self, weights: Sequence[torch.Tensor]) -> torch.Tensor:
        """Give the outputs.

        Args:
            weights: One tensor (R, p_l, 1) a parameter.

        Returns:
            Outputs, shape (R, k, n).
        """
        found: torch.Tensor = self._each(self._function, weights)
        return self._by_output(found)

    def gradient_factors(self, weights: Sequence[torch.Tensor]) -> tuple[torch.Tensor, Factors]:
        """Give the residual and the gradient, by reverse mode.

        Args:
            weights: One tensor (R, p_l, 1) a parameter.

        Returns:
            The residual, shape (R, k, n), and a pair of factors a parameter.
        """
        labels = self.Y.mT.reshape(self._function.outputs.shape)

        def pulled(values: Parameters) -> tuple[torch.Tensor, Parameters]:
            outputs, pull = torch.func.vjp(self._function, values)[:2]
            return outputs - labels, pull(outputs - labels)[0]

        residual, gradient = self._each(pulled, weights)
        one = self.Y.new_ones(len(residual), 1, 1)
        columns = [part.reshape(len(part), -1, 1) for part in gradient.values()]
        return self._by_output(residual), [(column, one) for column in columns]

    @takes_weights
    def jacobian(self, weights: Sequence[torch.Tensor]) -> torch.Tensor:
        """Give J, of n k rows: what `diagnose` does without.

        Args:
            weights: One tensor (R, p_l, 1) a parameter.

        Returns:
            Jacobians, shape (R, k n, p).
        """
        samples = range(len(self._function.outputs))
        each = [Products(self._function, values) for values in self._replicas(weights)]
        return torch.stack([products.rows(samples) for products in each])

    @takes_weights
    def tangent_kernel(self, weights: Sequence[torch.Tensor]) -> torch.Tensor:
        """Give J J^T.

        Args:
            weights: One tensor (R, p_l, 1) a parameter.

        Returns:
            Kernels, shape (R, k n, k n).
        """
        jacobians = self.jacobian(weights)
        return jacobians @ jacobians.mT

    def _each(self, task: Callable[[Parameters], Any], weights: Sequence[torch.Tensor]) -> Any:
        # All replicas at once where the module can be vectorised and memory holds them, else one
        # after the other.
        if self._together:
            try:
                with quiet():
                    return torch.func.vmap(task)(self._named(weights))
            except (NotImplementedError, RuntimeError, ValueError):
                self._together = False
        with quiet():
            found = [task(values) for values in self._replicas(weights)]
        return tree_map(lambda *parts: torch.stack(parts), *found)

    def _named(self, weights: Sequence[torch.Tensor]) -> Parameters:
        known = self._function.parameters.items()
        return {
            name: layer.reshape(len(layer), *value.shape)
            for (name, value), layer in zip(known, weights, strict=True)
        }

    def _replicas(self, weights: Sequence[torch.Tensor]) -> list[Parameters]:
        named = self._named(weights)
        return [
            {name: layer[row] for name, layer in named.items()} for row in range(len(weights[0]))
        ]

    def _by_output(self, outputs: torch.Tensor) -> torch.Tensor:
        # (R, n, ...) as (R, k, n).
        return outputs.flatten(2).mT if outputs.ndim > 2 else outputs.unsqueeze(1)


def _reset(name: str, part: nn.Module) -> None:
    reset = getattr(part, "reset_parameters", None) or getattr(part, "_reset_parameters", None)
    if reset is not None:
        reset()
        return
    own = [own for own, value in part.named_parameters(recurse=False) if value.requires_grad]
    if own:
        raise ValueError(
            f"{'.'.join(filter(None, [name, own[0]]))!r} belongs to a module without "
            "reset_parameters, so no seed draws it: give weights, such as those of start()."
        )
