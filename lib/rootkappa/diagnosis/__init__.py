"""What the theory says of any module of PyTorch, before it is trained.

    print(rootkappa.diagnose(module, X, Y))

The spectrum of its tangent kernel as the labels see it, the steps that each method will need, the
numbers to give to torch.optim.SGD, and whether theory speaks for this network at all.
`NetworkModel` lets the library's own methods, grids and observers train the module.
"""

from rootkappa.diagnosis.diagnosing import DiagnosisWarning, diagnose
from rootkappa.diagnosis.diagnosis import Diagnosis
from rootkappa.diagnosis.network_model import NetworkModel

__all__ = ["Diagnosis", "DiagnosisWarning", "NetworkModel", "diagnose"]
