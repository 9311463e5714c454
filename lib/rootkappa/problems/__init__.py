"""What the rooms above speak of: spectra of kernels, and partitions of parameters."""

from rootkappa.problems.partition import PartitionConstants
from rootkappa.problems.spectrum import Spectrum, SpectrumWarning
from rootkappa.problems.spectrum import numerical_rank as numerical_rank

__all__ = ["PartitionConstants", "Spectrum", "SpectrumWarning"]
