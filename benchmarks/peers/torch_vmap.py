"""All runs at once with torch.func: vmap over grad, and the update of SGD written out."""

from __future__ import annotations

from collections.abc import Callable

import torch

from benchmarks.cases import Problem

TITLE = "torch.func.vmap"


def prepare(problem: Problem) -> Callable[[], torch.Tensor]:
    X, Y = problem.model.X, problem.model.Y
    eta, beta = (
        torch.tensor(values, dtype=Y.dtype)[:, None, None]
        for values in (problem.step_sizes, problem.momenta)
    )

    def loss(weights: list[torch.Tensor], constants: list[torch.Tensor]) -> torch.Tensor:
        return (problem.forward(weights, constants, X) - Y).square().sum() / 2

    gradient_and_loss = torch.func.vmap(torch.func.grad_and_value(loss))

    def run() -> torch.Tensor:
        weights = [layer.clone() for layer in problem.trained]
        buffers = [torch.zeros_like(layer) for layer in weights]
        losses = []
        with torch.no_grad():
            for _ in range(problem.steps):
                gradients, now = gradient_and_loss(weights, problem.constants)
                losses.append(now)
                for layer, buffer, gradient in zip(weights, buffers, gradients, strict=True):
                    buffer.mul_(beta).add_(gradient)
                    layer.sub_(eta * gradient.addcmul_(beta, buffer))
            losses.append(torch.func.vmap(loss)(weights, problem.constants))
        return torch.stack(losses, 1)

    return run
