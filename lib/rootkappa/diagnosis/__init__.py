"""What the theory says of any module of PyTorch, before it is trained.

    print(rootkappa.diagnose(module, X, Y))

The spectrum of its tangent kernel as the labels see it, the steps that each method will need, the
numbers to give to torch.optim.SGD, and whether theory speaks for this network at all.
"""

from rootkappa.diagnosis.diagnosis import Diagnosis, DiagnosisWarning, diagnose

__all__ = ["Diagnosis", "DiagnosisWarning", "diagnose"]
