"""Sweeps: a grid of plain data, computed anywhere, as a table of records."""

from rootkappa.sweeps.chunk import compute
from rootkappa.sweeps.grid import Grid
from rootkappa.sweeps.runner import Failure as Failure
from rootkappa.sweeps.runner import Result, read, run
from rootkappa.sweeps.runner import SweepWarning as SweepWarning
from rootkappa.sweeps.table import Table

__all__ = ["Grid", "Result", "Table", "compute", "read", "run"]
