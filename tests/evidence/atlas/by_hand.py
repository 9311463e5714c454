"""Records of a plane made by hand."""

from __future__ import annotations

import numpy as np

from rootkappa.sweeps import Table


def made(size, **columns):
    """Give records: of heavy ball without momentum at half the limit, unless said otherwise."""
    given = {
        "family": "heavy_ball",
        "momentum": 0.0,
        "step_size": 1.0,
        "seed": 0,
        "status": "CONVERGED",
        "rate": 1.0,
        "forecast": 1.0,
    } | columns
    return Table(
        {k: np.array(v) if isinstance(v, list) else np.full(size, v) for k, v in given.items()}
    )
