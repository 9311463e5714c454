"""The book's own theorem: momentum near a start, explicit constants, one proof, three networks."""

from rootkappa.theorems.rootkappa2026momentum.linear import DeepLinearMomentum, ResNetMomentum
from rootkappa.theorems.rootkappa2026momentum.relu import ReluMomentum

__all__ = ["DeepLinearMomentum", "ReluMomentum", "ResNetMomentum"]
