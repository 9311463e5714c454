"""A small grid of plain data with every kind of axis, shared by the tests of sweeps."""

from __future__ import annotations

import copy

import pytest

pytest.importorskip("pyarrow", reason='needs pip install "rootkappa[sweep]"')

GRID = {
    "data": {"name": "gaussian", "d": 4, "k": 2, "n": 9, "kappa": 9.0},
    "model": {"name": "DeepLinear", "depth": 2},
    "train": {"steps": 200, "tolerance": 1e-8},
    "measure": {"steps_to": [1e-2, 1e-6], "kernel": True, "observers": ["displacement"]},
    "axes": {
        "model.width": [16, 32],
        "method": {
            "tuned": {"name": "optimal_heavy_ball"},
            "half": {"name": "gradient_descent", "relative_step_size": 0.5},
            "wild": {"name": "nesterov", "step_size": 100.0, "momentum": 0.5},
        },
        "seed": [0, 1, 2, 3],
    },
    "chunk": 4,
}


@pytest.fixture(scope="session")
def original():
    """The grid, not to be changed."""
    return GRID


@pytest.fixture
def specification():
    """A copy that a test may change."""
    return copy.deepcopy(GRID)
