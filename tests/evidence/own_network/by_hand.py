"""Populations made by hand."""

from __future__ import annotations

import numpy as np

from rootkappa.evidence.own_network.population import Population


def made(**columns):
    """Give a population by hand."""
    size = len(next(iter(columns.values())))
    every = {"network": [f"n{i}" for i in range(size)], "seed": [0] * size}
    given = {name.replace("_", " "): values for name, values in columns.items()}
    return Population({k: np.array(v) for k, v in (every | given).items()}, {})
