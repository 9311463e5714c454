"""The loop that a user writes: torch.optim.SGD and automatic differentiation, a run at a time."""

from __future__ import annotations

from collections.abc import Callable

import torch

from benchmarks.cases import Problem

TITLE = "torch.optim.SGD, a run at a time"


def prepare(problem: Problem) -> Callable[[], torch.Tensor]:
    def run() -> torch.Tensor:
        losses = [_train(problem, index) for index in range(len(problem.momenta))]
        return torch.tensor(losses, dtype=torch.float64)

    return run


def _train(problem: Problem, index: int) -> list[float]:
    X, Y = problem.model.X, problem.model.Y
    weights = [layer[index].clone().requires_grad_() for layer in problem.trained]
    constants = [constant[index] for constant in problem.constants]
    optimizer = torch.optim.SGD(
        weights, lr=problem.step_sizes[index], momentum=problem.momenta[index], nesterov=True
    )
    losses = []
    for _ in range(problem.steps):
        optimizer.zero_grad()
        loss = (problem.forward(weights, constants, X) - Y).square().sum() / 2
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    with torch.no_grad():
        loss = (problem.forward(weights, constants, X) - Y).square().sum() / 2
        losses.append(loss.item())
    return losses
