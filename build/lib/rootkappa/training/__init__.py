"""Training: one stacked loop, its observers and its record."""

from rootkappa.training.batches import Batches, Shares
from rootkappa.training.chunks import bytes_per_replica, replicas_together
from rootkappa.training.loop import train
from rootkappa.training.observers import (
    Observer,
    Snapshot,
    displacement,
    distance_from_start,
    flipped_share,
    kernel_drift,
    kernel_extremes,
    largest_displacement,
)
from rootkappa.training.trajectory import Status, Trajectory

__all__ = [
    "Batches",
    "Observer",
    "Shares",
    "Snapshot",
    "Status",
    "Trajectory",
    "bytes_per_replica",
    "displacement",
    "distance_from_start",
    "flipped_share",
    "kernel_drift",
    "kernel_extremes",
    "largest_displacement",
    "replicas_together",
    "train",
]
