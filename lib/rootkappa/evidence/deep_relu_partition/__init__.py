"""Deep ReLU networks by partition: curvature, speed, widths, motion, aiming, and the proof.

A draw is a data set and the weights of each network that is trained on it.
"""

from rootkappa.evidence.deep_relu_partition.aim import aiming_where_it_works
from rootkappa.evidence.deep_relu_partition.block import (
    lyapunov,
    partition,
    polyak_lojasiewicz,
)
from rootkappa.evidence.deep_relu_partition.motion import other_layers, radii
from rootkappa.evidence.deep_relu_partition.networks import Start, drawn, lemma14, patience
from rootkappa.evidence.deep_relu_partition.proof import constants, proof_notes
from rootkappa.evidence.deep_relu_partition.speed import rates
from rootkappa.evidence.deep_relu_partition.widths import control_parameter, width

__all__ = [
    "Start",
    "aiming_where_it_works",
    "constants",
    "control_parameter",
    "drawn",
    "lemma14",
    "lyapunov",
    "other_layers",
    "partition",
    "patience",
    "polyak_lojasiewicz",
    "proof_notes",
    "radii",
    "rates",
    "width",
]
