"""What the theory says of a network of one's own, before any training: what was found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch

from rootkappa import _checks
from rootkappa.diagnosis.forecast import METHODS, Forecast
from rootkappa.diagnosis.label_spectrum import LabelSpectrum
from rootkappa.diagnosis.laziness import Laziness
from rootkappa.diagnosis.linearised import Linearised
from rootkappa.diagnosis.losses import Loss
from rootkappa.diagnosis.module import ModuleFunction
from rootkappa.diagnosis.verdict import Standing, gain, standing, verdict
from rootkappa.diagnosis.verification import Verification, verify


@dataclass(frozen=True)
class Diagnosis:
    """The spectrum, forecasts for three methods, and whether to believe them.

    Args:
        name: The module's class.
        size: How many parameters train.
        outputs: n k, how many outputs the loss sees.
        tolerance: The share of the removable loss at which training is meant to end.
        loss_at_start: The loss.
        spectrum: The curvature kernel, as the labels see it.
        forecasts: By method: gradient descent, heavy ball, nesterov.
        laziness: How far the kernel moves until the linearised network ends; None if that does not
            get there.
        critical_batch: From which batch on the forecast gain of momentum should be there, a
            hypothesis: the largest curvature of one sample over that of all, over 1 - beta.
        parts: What was diagnosed, for `verify`.
    """

    name: str
    size: int
    outputs: int
    tolerance: float
    loss_at_start: float
    spectrum: LabelSpectrum
    forecasts: Mapping[str, Forecast]
    laziness: Laziness | None
    critical_batch: float
    parts: Parts

    @property
    def gain(self) -> float | None:
        """By what factor momentum is forecast to save steps; None where a method never arrives."""
        return gain(self.forecasts)

    @property
    def standing(self) -> Standing:
        """How far the forecasts can be trusted."""
        return Standing.SILENT if self.laziness is None else standing(self.laziness)

    @property
    def verdict(self) -> str:
        """The same in a sentence or two."""
        if self.laziness is None:
            return (
                "Theory is silent: the linearised network does not reach the tolerance. Raise "
                "`tolerance`, or widen the network."
            )
        return verdict(self.forecasts, self.laziness)

    def torch_kwargs(self, method: str = "heavy ball") -> dict[str, Any]:
        """Give what torch.optim.SGD takes.

        Args:
            method: gradient descent, heavy ball or nesterov.

        Returns:
            lr, momentum and nesterov.
        """
        return self.forecasts[_checks.choice("method", method, METHODS)].torch_kwargs

    def curve(self, method: str, steps: int) -> torch.Tensor:
        """Give the forecast of the loss.

        Args:
            method: gradient descent, heavy ball or nesterov.
            steps: The last step T.

        Returns:
            loss_t / loss_0, shape (T + 1,), or less where the linearised network diverges.
        """
        numbers = self.forecasts[_checks.choice("method", method, METHODS)].method
        if self.parts.linearised is None:
            return self.spectrum.curve(numbers, steps)
        losses = self.parts.linearised.train(numbers, _checks.count("steps", steps, 0)).losses
        return losses / losses[0]

    def verify(self, steps: int, methods: Iterable[str] = METHODS) -> dict[str, Verification]:
        """Train copies of the module with torch.optim.SGD, on all samples at once, and compare.

        Args:
            steps: How many steps at most; a run ends when it has reached the tolerance.
            methods: Which methods.

        Returns:
            What happened, by method.
        """
        chosen = [
            _checks.choice("method", name, METHODS)
            for name in _checks.sequence("methods", methods, "a list")
        ]
        goal = self.spectrum.floor + self.tolerance * (1 - self.spectrum.floor)
        return {
            name: verify(
                self.parts.function,
                self.parts.loss,
                self.forecasts[name],
                self.curve(name, _checks.count("steps", steps)),
                goal,
                self.spectrum.floor,
            )
            for name in chosen
        }

    def to_dict(self) -> dict[str, Any]:
        """Give all numbers as plain data.

        Returns:
            A dictionary that JSON can hold, but for infinity and NaN.
        """
        lazy = self.laziness
        return {
            "name": self.name,
            "parameters": self.size,
            "outputs": self.outputs,
            "tolerance": self.tolerance,
            "lambda_max": self.spectrum.lambda_max,
            "kappa": self.spectrum.kappa,
            "effective_kappa": self.spectrum.effective_kappa(self.tolerance),
            "floor": self.spectrum.floor,
            "products": self.spectrum.products,
            "settled": self.spectrum.settled,
            "forecasts": {
                name: found.torch_kwargs | {"steps": found.steps, "headroom": found.headroom}
                for name, found in self.forecasts.items()
            },
            "gain": self.gain,
            "laziness": None if lazy is None else asdict(lazy),
            "critical_batch": self.critical_batch,
            "standing": str(self.standing),
            "verdict": self.verdict,
        }

    def plot(self) -> Any:
        """Draw the spectrum with the labels' shares, and the forecasts.

        Returns:
            A figure of matplotlib.
        """
        # Only here: matplotlib takes a second to load.
        from rootkappa.diagnosis._drawing import draw

        return draw(self)

    def __str__(self) -> str:
        seen, goal = self.spectrum, self.tolerance
        rows = [
            f"{self.name}: {self.size} parameters, {self.outputs} outputs, loss "
            f"{self.loss_at_start:.3g}",
            f"lambda_max {seen.lambda_max:.3g}, kappa that the labels see at {goal:g} of the loss "
            f"{seen.effective_kappa(goal):.3g}"
            + (f", of all modes {seen.kappa:.3g}" if seen.exact else ""),
            _how(seen),
        ]
        if seen.floor > 1e-9:
            rows.append(f"no step removes {seen.floor:.2g} of the loss")
        rows += [_line(found, goal) for found in self.forecasts.values()]
        rows.append(
            f"momentum needs batches of about {self.critical_batch:.0f} samples (hypothesis)"
        )
        rows.append(self.verdict)
        return "\n".join(rows)


@dataclass(frozen=True)
class Parts:
    """What was diagnosed.

    Args:
        function: The module, as a function of its parameters.
        loss: The loss.
        linearised: Its linearisation, where the loss is no mean square.
    """

    function: ModuleFunction
    loss: Loss
    linearised: Linearised | None


def _how(spectrum: LabelSpectrum) -> str:
    if spectrum.exact:
        return "all eigenvalues of the kernel"
    word = "settled" if spectrum.settled else "NOT settled"
    return f"{word} after {spectrum.products} products with the kernel"


def _line(found: Forecast, tolerance: float) -> str:
    eta, beta, _ = found.method.coefficients(0)
    steps = "does not arrive" if found.steps is None else f"{found.steps} steps to {tolerance:g}"
    return (
        f"  {found.name:16s} lr={eta:.4g} momentum={beta:.4f}: {steps}, survives lambda_max x "
        f"{found.headroom:.3g}"
    )
