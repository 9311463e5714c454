"""The library's loop with torch as its engine, where a kernel takes the steps otherwise."""

from __future__ import annotations

from collections.abc import Callable

import torch

from benchmarks.cases import Problem
from rootkappa.training import train

TITLE = "rootkappa, torch engine"


def prepare(problem: Problem) -> Callable[[], torch.Tensor]:
    def run() -> torch.Tensor:
        model, methods = problem.our_model(), problem.methods
        options = {"progress": False, "engine": "torch"}
        return train(model, methods, problem.weights, problem.steps, **options).losses

    return run
