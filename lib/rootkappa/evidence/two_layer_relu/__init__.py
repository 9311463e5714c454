"""Two-layer ReLU networks: the kernel, rates and bounds, what shrinks with the width, and kinks.

A draw is a set of inputs with labels and, from the same seed, the weights of a network on it.
"""

from rootkappa.evidence.two_layer_relu.bounds import flip_and_gram_bounds, nag_theorem
from rootkappa.evidence.two_layer_relu.flips import kinks, residual_recursion
from rootkappa.evidence.two_layer_relu.frozen_live import (
    cost,
    exactness,
    live_pairs,
    wide_laws,
)
from rootkappa.evidence.two_layer_relu.kernel import (
    data_assumption,
    infinite_kernel,
    kernel_concentration,
)
from rootkappa.evidence.two_layer_relu.real import real_data
from rootkappa.evidence.two_layer_relu.tails import acceleration, mean_rates
from rootkappa.evidence.two_layer_relu.widths import (
    displacement,
    excursion,
    lazy_scalings,
    sweep,
)

__all__ = [
    "acceleration",
    "cost",
    "data_assumption",
    "displacement",
    "exactness",
    "excursion",
    "flip_and_gram_bounds",
    "infinite_kernel",
    "kernel_concentration",
    "kinks",
    "lazy_scalings",
    "live_pairs",
    "mean_rates",
    "nag_theorem",
    "real_data",
    "residual_recursion",
    "sweep",
    "wide_laws",
]
