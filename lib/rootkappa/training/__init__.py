"""Training: labelled grids of runs, one stacked loop, and its record."""

from rootkappa.training.batches import Batches
from rootkappa.training.grids import Grid, grid
from rootkappa.training.loop import train
from rootkappa.training.snapshot import Observer, Snapshot
from rootkappa.training.status import Status
from rootkappa.training.trajectory import Trajectory
from rootkappa.training.wide import train_wide

__all__ = [
    "Batches",
    "Grid",
    "Observer",
    "Snapshot",
    "Status",
    "Trajectory",
    "grid",
    "train",
    "train_wide",
]
