"""The atlas: real runs over the plane of step size and momentum, beside the frozen kernel.

A run is read by its rate: by how many factors e a step the residual falls on its way to `ACCURACY`.
The forecast is the rate of the same method, from the same start, on the kernel of the start. Step
sizes are in units of 1/lambda_max of that kernel.

The populations here are fresh and small; `tools/evidence.py` measures and stores the large one.
"""

from rootkappa.evidence.atlas.forecasts import (
    advantage,
    beyond_the_limit,
    direction,
    flat_radius,
    kernel_at_the_end,
    share_right,
    width_exponent,
)
from rootkappa.evidence.atlas.planes import (
    ACCURACY,
    FAMILIES,
    KINDS,
    MOMENTA,
    STEP_SIZES,
    STEPS,
    Array,
    Planes,
    of_families,
    plane,
    specification,
    swept,
    tidy,
)
from rootkappa.evidence.atlas.reading import (
    best_of,
    by_draw,
    over_limit,
    ratios,
    relative,
    right,
    stable,
)
from rootkappa.evidence.atlas.tunings import best_tuning, paper_tunings, wrong_kappa

__all__ = [
    "ACCURACY",
    "FAMILIES",
    "KINDS",
    "MOMENTA",
    "STEPS",
    "STEP_SIZES",
    "Array",
    "Planes",
    "advantage",
    "best_of",
    "best_tuning",
    "beyond_the_limit",
    "by_draw",
    "direction",
    "flat_radius",
    "kernel_at_the_end",
    "of_families",
    "over_limit",
    "paper_tunings",
    "plane",
    "ratios",
    "relative",
    "right",
    "share_right",
    "specification",
    "stable",
    "swept",
    "tidy",
    "width_exponent",
    "wrong_kappa",
]
