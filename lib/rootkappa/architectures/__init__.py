"""Architectures with closed-form gradients and tangent kernels, stacked over replicas."""

from rootkappa.architectures.additive_model import Activation, AdditiveModel
from rootkappa.architectures.deep_linear import DeepLinear
from rootkappa.architectures.deep_relu import DeepReLU
from rootkappa.architectures.linear_network import LinearNetwork as LinearNetwork
from rootkappa.architectures.linear_resnet import LinearResNet
from rootkappa.architectures.model import Factors as Factors
from rootkappa.architectures.model import Model
from rootkappa.architectures.model import Weights as Weights
from rootkappa.architectures.model import kronecker as kronecker
from rootkappa.architectures.model import vectorise as vectorise
from rootkappa.architectures.partitioned_relu import PartitionedReLU
from rootkappa.architectures.quadratic import Quadratic
from rootkappa.architectures.rotated_relu import RotatedReLU
from rootkappa.architectures.rotated_relu import rotation as rotation
from rootkappa.architectures.two_layer_relu import TwoLayerReLU

# What is imported under its own name again serves the rooms above, and is not public.
__all__ = [
    "Activation",
    "AdditiveModel",
    "DeepLinear",
    "DeepReLU",
    "LinearResNet",
    "Model",
    "PartitionedReLU",
    "Quadratic",
    "RotatedReLU",
    "TwoLayerReLU",
]
