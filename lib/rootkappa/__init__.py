"""Root Kappa: does momentum provably train neural networks faster?

Every room is an attribute and is loaded when it is first used: `import rootkappa` alone costs
nothing, and the ledger needs no torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rootkappa import (
        architectures,
        datasets,
        devices,
        diagnosis,
        draws,
        dynamics,
        evidence,
        figures,
        kernels,
        ledger,
        optimizers,
        problems,
        provenance,
        rates,
        reductions,
        residuals,
        sweeps,
        tables,
        theorems,
        training,
    )
    from rootkappa.architectures import (
        AdditiveModel,
        DeepLinear,
        DeepReLU,
        LinearResNet,
        Model,
        Quadratic,
        TwoLayerReLU,
    )
    from rootkappa.diagnosis import diagnose
    from rootkappa.optimizers import (
        Method,
        gradient_descent,
        heavy_ball,
        nesterov,
        triple_momentum,
    )
    from rootkappa.problems import Spectrum
    from rootkappa.training import Batches, Status, Trajectory, grid, train

__version__ = "0.1.0"

__all__ = [
    "AdditiveModel",
    "Batches",
    "DeepLinear",
    "DeepReLU",
    "LinearResNet",
    "Method",
    "Model",
    "Quadratic",
    "Spectrum",
    "Status",
    "Trajectory",
    "TwoLayerReLU",
    "architectures",
    "datasets",
    "devices",
    "diagnose",
    "diagnosis",
    "draws",
    "dynamics",
    "evidence",
    "figures",
    "gradient_descent",
    "grid",
    "heavy_ball",
    "kernels",
    "ledger",
    "nesterov",
    "optimizers",
    "problems",
    "provenance",
    "rates",
    "reductions",
    "residuals",
    "sweeps",
    "tables",
    "theorems",
    "train",
    "training",
    "triple_momentum",
]

# Where the names live that are no rooms themselves.
_HOMES = {
    "architectures": (
        "AdditiveModel",
        "DeepLinear",
        "DeepReLU",
        "LinearResNet",
        "Model",
        "Quadratic",
        "TwoLayerReLU",
    ),
    "diagnosis": ("diagnose",),
    "optimizers": ("Method", "gradient_descent", "heavy_ball", "nesterov", "triple_momentum"),
    "problems": ("Spectrum",),
    "training": ("Batches", "Status", "Trajectory", "grid", "train"),
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    for room, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{room}"), name)
    return import_module(f"{__name__}.{name}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
