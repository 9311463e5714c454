"""Architectures with closed-form gradients and tangent kernels, stacked over replicas."""

from rootkappa.architectures.additive_model import Activation, AdditiveModel
from rootkappa.architectures.deep_linear import DeepLinear
from rootkappa.architectures.deep_relu import DeepReLU
from rootkappa.architectures.model import Factors, Model, Weights, kronecker, vectorise
from rootkappa.architectures.partition import PartitionConstants
from rootkappa.architectures.partitioned_relu import PartitionedReLU
from rootkappa.architectures.quadratic import Quadratic
from rootkappa.architectures.rotated_relu import RotatedReLU, rotation
from rootkappa.architectures.saw_tooth import SawTooth, SawToothRun

__all__ = [
    "Activation",
    "AdditiveModel",
    "DeepLinear",
    "DeepReLU",
    "Factors",
    "Model",
    "PartitionConstants",
    "PartitionedReLU",
    "Quadratic",
    "RotatedReLU",
    "SawTooth",
    "SawToothRun",
    "Weights",
    "kronecker",
    "rotation",
    "vectorise",
]
