"""Sweeps: a grid of plain data, computed anywhere, as a table of records."""

from rootkappa.sweeps.chunk import compute
from rootkappa.sweeps.grid import Grid
from rootkappa.sweeps.runner import Failure, Result, SweepWarning, read, run
from rootkappa.sweeps.table import Table

__all__ = ["Failure", "Grid", "Result", "SweepWarning", "Table", "compute", "read", "run"]
