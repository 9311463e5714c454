"""The exact reduction of the network, trained; reducing it is part of the time."""

from __future__ import annotations

from collections.abc import Callable

import torch

from benchmarks.cases import Problem

TITLE = "rootkappa, exact reduction"


def prepare(problem: Problem) -> Callable[[], torch.Tensor]:
    def run() -> torch.Tensor:
        assert problem.reduce is not None
        model, weights = problem.reduce(problem.our_model(), problem.weights)
        return problem.simulator(model, problem.methods, weights, problem.steps).losses

    return run
