"""Architectures with closed-form gradients and tangent kernels, stacked over replicas."""

from rootkappa.architectures.deep_linear import DeepLinear
from rootkappa.architectures.model import Factors, Model, Weights, kronecker, vectorise
from rootkappa.architectures.partition import PartitionConstants
from rootkappa.architectures.quadratic import Quadratic

__all__ = [
    "DeepLinear",
    "Factors",
    "Model",
    "PartitionConstants",
    "Quadratic",
    "Weights",
    "kronecker",
    "vectorise",
]
