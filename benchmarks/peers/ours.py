"""The library's loop."""

from __future__ import annotations

from collections.abc import Callable

import torch

from benchmarks.cases import Problem
from rootkappa.training import train

TITLE = "rootkappa"


def prepare(problem: Problem) -> Callable[[], torch.Tensor]:
    def run() -> torch.Tensor:
        done = train(problem.model, problem.methods, problem.weights, problem.steps, progress=False)
        return done.losses

    return run
