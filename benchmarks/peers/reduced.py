"""The library's loop on the exact reduction of the network; the reduction is part of the time."""

from __future__ import annotations

from collections.abc import Callable

import torch

from benchmarks.cases import Problem
from rootkappa.training import train

TITLE = "rootkappa, exact reduction"


def prepare(problem: Problem) -> Callable[[], torch.Tensor]:
    def run() -> torch.Tensor:
        assert problem.reduce is not None
        model, weights = problem.reduce(problem.our_model(), problem.weights)
        return train(model, problem.methods, weights, problem.steps, progress=False).losses

    return run
