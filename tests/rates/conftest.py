"""Runs on a frozen kernel, by the plain iteration of the weights."""

from __future__ import annotations

import pytest
import torch


def _iterate(method, kernel, start, steps):
    before = now = start
    read = []
    for t in range(steps + 1):
        eta, beta, gamma = method.coefficients(t)
        point = now + gamma * (now - before)
        read.append(point)
        before, now = now, now + beta * (now - before) - eta * (kernel @ point)
    return torch.stack(read)


@pytest.fixture
def iterate():
    """Give residuals (T + 1, N) of a method on a kernel, from a start or its diagonal's modes."""

    def run(method, eigenvalues, steps, start=None):
        values = torch.as_tensor(eigenvalues, dtype=torch.float64)
        kernel = torch.diag(values) if values.ndim == 1 else values
        start = torch.ones(len(kernel), dtype=torch.float64) if start is None else start
        return _iterate(method, kernel, start, steps)

    return run
