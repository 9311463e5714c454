"""Liao and Kyrillidis (2024): Nesterov's momentum under partial strong convexity."""

from rootkappa.theorems.liao2024provable.bounds import (
    PartitionGradientDescent,
    PartitionNesterov,
    PartitionTheorem,
    additive_constants,
    certified_perturbation,
    perturbation_closed_form,
    strongly_convex,
)
from rootkappa.theorems.liao2024provable.certificate import (
    Certificate,
    Inequality,
    best_c,
    certify,
    largest_c,
    needed_radii,
    printed_largest_c,
)
from rootkappa.theorems.liao2024provable.exponents import (
    Order,
    Requirement,
    conditions,
    printed_conditions,
    require,
    width_exponents,
)
from rootkappa.theorems.liao2024provable.lyapunov import (
    LyapunovTrace,
    Partitioned,
    lyapunov_trace,
)
from rootkappa.theorems.liao2024provable.networks import (
    WideNetwork,
    extrapolated_width,
    network_constants,
    printed_width,
    required_width,
)
from rootkappa.theorems.liao2024provable.parameters import Parameters

__all__ = [
    "Certificate",
    "Inequality",
    "LyapunovTrace",
    "Order",
    "Parameters",
    "PartitionGradientDescent",
    "PartitionNesterov",
    "PartitionTheorem",
    "Partitioned",
    "Requirement",
    "WideNetwork",
    "additive_constants",
    "best_c",
    "certified_perturbation",
    "certify",
    "conditions",
    "extrapolated_width",
    "largest_c",
    "lyapunov_trace",
    "needed_radii",
    "network_constants",
    "perturbation_closed_form",
    "printed_conditions",
    "printed_largest_c",
    "printed_width",
    "require",
    "required_width",
    "strongly_convex",
    "width_exponents",
]
