"""The library's loop. Networks that are linear in x get their data at rank size, in the time."""

from __future__ import annotations

from collections.abc import Callable

import torch

from benchmarks.cases import Problem
from rootkappa.training import train

TITLE = "rootkappa (linear: data at rank)"


def prepare(problem: Problem) -> Callable[[], torch.Tensor]:
    def run() -> torch.Tensor:
        model = problem.our_model()
        return train(model, problem.methods, problem.weights, problem.steps, progress=False).losses

    return run
