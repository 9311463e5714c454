"""Linear residual networks: kernel, reduction, limit, guarantees, experiment and speed.

A draw is a data set with its maps, where these are random. Draws stand beside each other in one
stack, so that twenty of them cost little more than one.
"""

from rootkappa.evidence.linear_resnet.experiment import depth, transformations
from rootkappa.evidence.linear_resnet.guarantees import sgd, zou_theorem
from rootkappa.evidence.linear_resnet.jacobian import kernel
from rootkappa.evidence.linear_resnet.limit import infinite_width
from rootkappa.evidence.linear_resnet.reduction import subspace_reduction
from rootkappa.evidence.linear_resnet.speed import acceleration, linearisation_gap

__all__ = [
    "acceleration",
    "depth",
    "infinite_width",
    "kernel",
    "linearisation_gap",
    "sgd",
    "subspace_reduction",
    "transformations",
    "zou_theorem",
]
