"""Data for the chapters: real sets by name through one door, and made ones.

`load` reads every real set, each in the form that a theory asks for. Made sets have a function
each, because what dials them differs: a condition number, an angle, nothing. What is done to data,
reduction to rank size and subsampling, are methods of `Dataset`.
"""

from rootkappa.datasets.dataset import Dataset
from rootkappa.datasets.digitised import liao2024_figure_1
from rootkappa.datasets.named import load, names
from rootkappa.datasets.printed import bu2021_losses
from rootkappa.datasets.synthetic import gaussian, paired, sphere

__all__ = [
    "Dataset",
    "bu2021_losses",
    "gaussian",
    "liao2024_figure_1",
    "load",
    "names",
    "paired",
    "sphere",
]
