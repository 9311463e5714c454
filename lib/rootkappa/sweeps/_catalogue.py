"""What a specification can name: architectures, data sets, methods and observers, by their names.

The arguments of each are those of the function of that name, save the ones that a sweep fills in.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

import torch

from rootkappa import _checks, architectures, datasets, optimizers
from rootkappa._hint import hint
from rootkappa.architectures import Model
from rootkappa.datasets import Dataset
from rootkappa.optimizers import Method
from rootkappa.problems import Spectrum
from rootkappa.training import Observer, Snapshot

Part = Mapping[str, Any]

# What a sweep gives itself, or keeps from a specification.
_FILLED = {"X", "Y", "seeds", "spectrum", "lambda_max", "restart", "folder"}
_MADE = ("gaussian", "paired", "sphere")
_NUMBERS = ("gradient_descent", "heavy_ball", "nesterov")
_TUNINGS = (
    "classical_gradient_descent",
    "classical_nesterov",
    "lazy_nesterov",
    "modular_heavy_ball",
    "optimal_gradient_descent",
    "optimal_heavy_ball",
    "optimal_nesterov",
    "triple_momentum",
)

ENTRIES: Mapping[str, Mapping[str, Callable[..., Any]]] = {
    "data": {
        **{name: functools.partial(datasets.load, name) for name in datasets.names()},
        **{name: getattr(datasets, name) for name in _MADE},
    },
    "model": {
        "AdditiveModel": architectures.AdditiveModel.drawn,
        "DeepLinear": architectures.DeepLinear,
        "DeepReLU": architectures.DeepReLU,
        "LinearResNet": architectures.LinearResNet.gaussian,
        "Quadratic": architectures.Quadratic.with_spectrum,
        "TwoLayerReLU": architectures.TwoLayerReLU,
    },
    "method": {
        "method": optimizers.Method,
        **{name: getattr(optimizers, name) for name in _NUMBERS + _TUNINGS},
    },
}
# Each gives a number a run.
OBSERVERS: Mapping[str, Observer] = {
    "displacement": Snapshot.displacement,
    "distance_from_start": Snapshot.distance_from_start,
    "flipped_share": Snapshot.flipped_share,
    "kernel_drift": Snapshot.kernel_drift,
    "largest_displacement": Snapshot.largest_displacement,
}


def check(section: str, part: Part) -> None:
    """Refuse a part of a specification that names nothing, or has arguments that it cannot take.

    Args:
        section: "data", "model" or "method".
        part: The name and the arguments.

    Raises:
        ValueError: If the name is unknown, an argument is unknown, or one is missing.
    """
    name = part.get("name")
    if not isinstance(name, str) or name not in ENTRIES[section]:
        raise ValueError(f"{section}.name is {name!r}: {hint(name, ENTRIES[section])}")
    accepted = arguments(section, part)
    for key in part:
        if key != "name" and key not in accepted:
            raise ValueError(
                f"{section}.{key} names nothing, since {name} takes "
                f"{', '.join(accepted) or 'no arguments'}: {hint(key, accepted)}"
            )
    if {"step_size", "relative_step_size"} <= part.keys():
        raise ValueError(
            f"{section}.step_size and {section}.relative_step_size are two numbers for one step: "
            "give one of them."
        )
    missing = [key for key, needed in accepted.items() if needed and key not in part]
    if "relative_step_size" in part and "step_size" in missing:
        missing.remove("step_size")
    if missing:
        raise ValueError(f"{name} needs {section}.{missing[0]}: give it, or make it an axis.")


def arguments(section: str, part: Part) -> dict[str, bool]:
    """List the arguments that a part may give.

    Args:
        section: "data", "model" or "method".
        part: The name and the arguments.

    Returns:
        Whether each is needed, by name.
    """
    found = {
        name: parameter.default is inspect.Parameter.empty
        for name, parameter in _signature(section, part).items()
        if name not in _FILLED
    }
    if section in ("data", "model"):
        return found | {"reduce": False}
    if section == "method":
        found.pop("name", None)
        return found | {"kappa_factor" if is_tuning(part) else "relative_step_size": False}
    return found


def takes(section: str, part: Part, argument: str) -> bool:
    """Say whether the function that a part names has an argument.

    Args:
        section: "data", "model" or "method".
        part: The name and the arguments.
        argument: The argument in question.

    Returns:
        Whether it has.
    """
    return argument in _signature(section, part)


def is_drawn(section: str, part: Part) -> bool:
    """Say whether a part is drawn anew for each seed of the grid.

    Args:
        section: "data" or "model".
        part: The name and the arguments.

    Returns:
        Whether it takes a seed and has none; a real data set of which all samples are taken has no
        use for one.
    """
    if not part or "seed" in part or not takes(section, part, "seed"):
        return False
    real = section == "data" and part["name"] not in _MADE
    return not real or "n" in part or part.get("form", "unit") == "unit"


def is_tuning(method: Part) -> bool:
    """Say whether the numbers of a method come from a spectrum.

    Args:
        method: Its name and arguments.

    Returns:
        Whether they do.
    """
    return method["name"] in _TUNINGS


def needs_spectrum(method: Part) -> bool:
    """Say whether a method cannot be made without the spectrum at the start.

    Args:
        method: Its name and arguments.

    Returns:
        Whether it is a tuning, or has a step size in units of 1/lambda_max.
    """
    return is_tuning(method) or "relative_step_size" in method


def make_data(part: Part, device: torch.device, dtype: torch.dtype) -> Dataset:
    """Make a data set.

    Args:
        part: Its name and arguments; `reduce` keeps what a linear network sees of it.
        device: Where it goes.
        dtype: Its dtype there.

    Returns:
        The data.
    """
    given = {key: value for key, value in part.items() if key not in ("name", "reduce")}
    found: Dataset = ENTRIES["data"][part["name"]](**given)
    return (found.reduced() if part.get("reduce") else found).to(device, dtype)


def make_model(part: Part, data: Dataset | None, seeds: list[int]) -> Model:
    """Make an architecture.

    Args:
        part: Its name and arguments; `reduce` is for who trains it.
        data: What it is trained on, where it takes data.
        seeds: A seed a replica, where it has fixed maps that are drawn.

    Returns:
        The model.
    """
    given = {key: value for key, value in part.items() if key not in ("name", "reduce")}
    if data is not None:
        given |= {"X": data.X, "Y": data.Y}
    if takes("model", part, "seeds"):
        given["seeds"] = seeds
    found: Model = ENTRIES["model"][part["name"]](**given)
    return found


def make_method(part: Part, spectrum: Spectrum | None) -> Method:
    """Make a method.

    Args:
        part: Its name and arguments. A tuning may be misled by `kappa_factor`, which multiplies
            the condition number that it is told; `relative_step_size` is eta lambda_max.
        spectrum: Of the kernel at the start, where the method needs it.

    Returns:
        The method.
    """
    given = {key: value for key, value in part.items() if key != "name"}
    if is_tuning(part) and spectrum is not None:
        given = {"spectrum": _told(spectrum, given.get("kappa_factor", 1.0))}
    elif spectrum is not None and "relative_step_size" in given:
        given["step_size"] = given.pop("relative_step_size") / spectrum.lambda_max
    found: Method = ENTRIES["method"][part["name"]](**given)
    return found


def _signature(section: str, part: Part) -> Mapping[str, inspect.Parameter]:
    return inspect.signature(ENTRIES[section][part["name"]]).parameters


def _told(spectrum: Spectrum, factor: float) -> Spectrum:
    if factor == 1:
        return spectrum
    kappa = _checks.positive("method.kappa_factor", factor) * spectrum.kappa
    remedy = "raise method.kappa_factor"
    kappa = _checks.at_least("the kappa that a tuning is told", kappa, 1.0, remedy)
    return Spectrum(spectrum.lambda_max / kappa, spectrum.lambda_max)
