"""What follows from a network's start: forecasts, laziness, the batch that momentum needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import torch

from rootkappa import _checks
from rootkappa.diagnosis.forecast import METHODS, Forecast, forecast
from rootkappa.diagnosis.laziness import Kernels, Laziness, excursions, laziness
from rootkappa.diagnosis.linearised import Linearised
from rootkappa.diagnosis.losses import Loss
from rootkappa.diagnosis.measure import Modes
from rootkappa.diagnosis.products import Products
from rootkappa.dynamics import modal_response
from rootkappa.optimizers import Method, gradient_descent

# Steps of a linearised network under a loss that is no mean square.
_SIMULATED = 20_000
# What headroom is left at least and at most.
_HEADROOM = (2.0, 50.0)


@dataclass(frozen=True)
class Network:
    """What is known of a network at its start.

    Args:
        products: The Jacobian there.
        loss: The loss.
        modes: The spectrum.
        linear: Its linearisation, where the loss is no mean square.
        kernels: The samples on which kernels are compared.
        tolerance: The share of the removable loss at which training is meant to end.
    """

    products: Products
    loss: Loss
    modes: Modes
    linear: Linearised | None
    kernels: Kernels
    tolerance: float

    @property
    def outputs(self) -> torch.Tensor:
        """The outputs."""
        return self.products.function.outputs

    @cached_property
    def start(self) -> torch.Tensor:
        """The kernel of the samples that are compared."""
        return self.kernels.at(self.products)

    def forecasts(self, headroom: float | None) -> tuple[Laziness | None, dict[str, Forecast]]:
        """Choose methods.

        Where the linearised network ends says what headroom is asked for; then methods are chosen,
        and looked at where they take it on the way.

        Args:
            headroom: By which factor lambda_max may grow; as much as is asked for if None.

        Returns:
            How far the kernel moves, None if the linearised network does not get there; and the
            forecast of each method.
        """
        lazy = self._laziness()
        room = _headroom(headroom, lazy)
        found = {
            name: forecast(name, self.modes.spectrum, self.tolerance, room, self._count)
            for name in METHODS
        }
        if lazy is None:
            return None, found
        farthest = {name: self._farthest(told) for name, told in found.items()}
        gone = excursions(self.products, farthest, self.kernels, self.start)
        return replace(lazy, excursions=gone), found

    def _laziness(self) -> Laziness | None:
        end = self._end()
        if end is None:
            return None
        value, direction = self.modes.top(self.outputs.shape)
        top = (value, direction.to(self.outputs))
        return laziness(self.products, self.loss, end, top, self.kernels, self.start)

    def _end(self) -> torch.Tensor | None:
        spectrum = self.modes.spectrum
        if self.linear is None:
            t = spectrum.flow_time(self.tolerance)
            return self._dual(torch.exp(-self.modes.krylov.values * t))
        method = gradient_descent(1 / spectrum.lambda_max)
        path = self.linear.train(method, _SIMULATED, self.tolerance)
        reached = float(path.losses[-1]) < self.tolerance * float(path.losses[0])
        return path.end.to(self.outputs) if reached else None

    def _farthest(self, told: Forecast) -> torch.Tensor:
        steps = told.steps or _SIMULATED
        if self.linear is not None:
            return self.linear.train(told.method, steps, self.tolerance).farthest.to(self.outputs)
        t = self.modes.spectrum.farthest(told.method, steps)
        return self._dual(modal_response(told.method, self.modes.krylov.values, [t])[:, 0])

    def _dual(self, response: torch.Tensor) -> torch.Tensor:
        return self.modes.dual(self.loss, response, self.outputs.shape).to(self.outputs)

    def _count(self, method: Method) -> int | None:
        if self.linear is None:
            return self.modes.spectrum.steps_to(method, self.tolerance)
        return self.linear.steps_to(method, self.tolerance, _SIMULATED)

    def critical_batch(self, forecasts: Mapping[str, Forecast]) -> float:
        """Give the batch from which on momentum should pay, a hypothesis.

        Args:
            forecasts: The forecasts by method.

        Returns:
            The curvature of one sample's loss alone, n times its share of the mean, over that of
            all, over 1 - beta of heavy ball; at least 1.
        """
        one = self.kernels.largest_block(self.start)
        ones = torch.ones_like(self.outputs)
        mean = float(self.loss.root(self.loss.root(ones)).abs().amax())
        momentum = forecasts["heavy ball"].method.coefficients(0)[1]
        ratio = one * mean * len(self.outputs) / self.modes.spectrum.lambda_max
        return max(1.0, ratio / (1 - momentum))


def _headroom(given: float | None, lazy: Laziness | None) -> float:
    if given is not None:
        return _checks.at_least("headroom", given, 1.01, "at 1 a method is at its limit")
    least, most = _HEADROOM
    return least if lazy is None else min(most, max(least, lazy.top))
