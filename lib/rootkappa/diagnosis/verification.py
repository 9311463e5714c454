"""A copy of the network, trained by torch.optim.SGD, beside its forecast."""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass

import torch

from rootkappa.diagnosis.forecast import Forecast
from rootkappa.diagnosis.laziness import Kernels, largest
from rootkappa.diagnosis.losses import Loss
from rootkappa.diagnosis.module import ModuleFunction, Parameters
from rootkappa.diagnosis.products import Products
from rootkappa.rates.effective import EffectiveFactor, effective_factor

# A forecast is followed while the loss stays within this share of it.
_WITHIN = 0.10
# Times at which the kernel is looked at, as shares of the run.
_TIMES = (0.0, 0.1, 0.25, 0.5, 1.0)
_DIVERGED = 1e4
# Bytes for the rows of the Jacobian that are compared.
_MEMORY = 1e9
# A run with fewer steps has no mean factor.
_FEWEST = 8


@dataclass(frozen=True)
class Verification:
    """A run beside its forecast.

    Args:
        name: The method.
        losses: loss_t / loss_0 of the run, from step 0 to its end.
        forecast: The same as it was forecast, as long.
        steps: Steps until the tolerance was reached; None if it was not.
        forecast_steps: As it was forecast.
        diverged: Whether the loss grew out of bounds.
        valid_until: The last step up to which the loss stayed within 10 % of the forecast.
        factor: The mean factor a step of the square root of the removable loss, over the second
            half of the run; None if it diverged or was too short.
        times: The steps at which the kernel was looked at.
        sharpness: eta lambda_max at these steps.
        drift: Relative change of the kernel since the start at these steps.
    """

    name: str
    losses: torch.Tensor
    forecast: torch.Tensor
    steps: int | None
    forecast_steps: int | None
    diverged: bool
    valid_until: int
    factor: EffectiveFactor | None
    times: tuple[int, ...]
    sharpness: tuple[float, ...]
    drift: tuple[float, ...]

    def __str__(self) -> str:
        told = "never" if self.forecast_steps is None else str(self.forecast_steps)
        came = "diverged" if self.diverged else "not reached"
        if self.steps is not None:
            came = str(self.steps)
        return (
            f"{self.name}: {came} steps, {told} forecast; within 10 % until step "
            f"{self.valid_until}; eta lambda_max {self.sharpness[0]:.2g} to "
            f"{self.sharpness[-1]:.2g}, the kernel moved by {100 * self.drift[-1]:.0f} %"
        )


def verify(
    function: ModuleFunction,
    loss: Loss,
    forecast: Forecast,
    curve: torch.Tensor,
    goal: float,
    floor: float,
) -> Verification:
    """Train a copy on all samples at once, and compare.

    Args:
        function: The module as a function, at its start.
        loss: The loss.
        forecast: The method, and its steps.
        curve: The forecast of loss_t / loss_0, from step 0 to the last step to take.
        goal: loss_t / loss_0 at which the run ends.
        floor: The share of loss_0 that no step removes.

    Returns:
        The comparison.
    """
    losses, path = _train(function, loss, forecast, len(curve) - 1, goal)
    last = len(losses) - 1
    diverged = not float(losses[-1]) < _DIVERGED
    reached = float(losses[-1]) < goal
    times = sorted({round(share * last) for share in _TIMES if round(share * last) in path})
    products = [Products(function, path[t]) for t in times]
    kernels = Kernels(function, _MEMORY)
    start = kernels.at(products[0])
    top = loss.newton(_gradient(loss, function.outputs))
    eta = forecast.method.coefficients(0)[0]
    told = curve[: len(losses)]
    return Verification(
        name=forecast.name,
        losses=losses,
        forecast=told,
        steps=last if reached else None,
        forecast_steps=forecast.steps,
        diverged=diverged,
        valid_until=_valid_until(losses, told),
        factor=None if diverged else _factor(losses, floor),
        times=tuple(times),
        sharpness=tuple(eta * largest(place, loss, top) for place in products),
        drift=tuple(float((kernels.at(p) - start).norm() / start.norm()) for p in products),
    )


def _train(
    function: ModuleFunction, loss: Loss, forecast: Forecast, steps: int, goal: float
) -> tuple[torch.Tensor, dict[int, Parameters]]:
    # Losses, and parameters at some steps; those at the end are always among them.
    module = copy.deepcopy(function.module)
    trained = {name: p for name, p in module.named_parameters() if p.requires_grad}
    sgd = torch.optim.SGD(trained.values(), **forecast.torch_kwargs)
    wanted = _marks(steps if forecast.steps is None else min(steps, forecast.steps))
    path: dict[int, Parameters] = {}
    losses: list[float] = []
    while True:
        outputs = torch.cat([module(batch) for batch in function.batches])
        value = loss.value(outputs)
        losses.append(float(value.detach()))
        t, share = len(losses) - 1, losses[-1] / losses[0]
        over = share < goal or not share < _DIVERGED or t >= steps
        if (t in wanted or over) and math.isfinite(losses[-1]):
            path[t] = {name: p.detach().clone() for name, p in trained.items()}
        if over:
            found = torch.tensor(losses, dtype=torch.float64)
            return found / found[0], path
        sgd.zero_grad(set_to_none=True)
        value.backward()
        sgd.step()


def _marks(steps: int) -> set[int]:
    return {round(share * steps) for share in _TIMES}


def _gradient(loss: Loss, outputs: torch.Tensor) -> torch.Tensor:
    leaf = outputs.detach().clone().requires_grad_()
    (gradient,) = torch.autograd.grad(loss.value(leaf), leaf)
    return gradient


def _valid_until(losses: torch.Tensor, told: torch.Tensor) -> int:
    shared = min(len(losses), len(told))
    off = torch.nonzero(~((losses[:shared] / told[:shared] - 1).abs() <= _WITHIN))
    return shared - 1 if len(off) == 0 else max(int(off[0]) - 1, 0)


def _factor(losses: torch.Tensor, floor: float) -> EffectiveFactor | None:
    removable = losses - floor
    if len(losses) < _FEWEST or not bool((removable > 0).all()):
        return None
    return effective_factor(removable.sqrt(), (len(losses) // 2, len(losses) - 1))
