"""A theorem as an object: hypotheses, tuning and bound, with the source of its wording."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

import torch

from rootkappa import _checks
from rootkappa.architectures import DeepLinear, LinearNetwork, Model
from rootkappa.optimizers import Method
from rootkappa.training import Trajectory

M = TypeVar("M", bound=Model)

_FLOOR = 1e-12


class Provenance(Enum):
    """How sure the wording of a theorem is. The text is shown on the page."""

    FULL_TEXT = "read in the paper"
    ABSTRACT = "stated in the paper's abstract"
    RECALLED = "reconstructed, not read in the paper: verify before quoting"


class Quantity(Enum):
    """What a bound speaks of, relative to its value at the start."""

    LOSS = "excess loss"
    RESIDUALS = "norm of two successive residuals"


@dataclass(frozen=True)
class Spectrum:
    """Bounds on the non-zero eigenvalues of the tangent kernel.

    Args:
        lambda_min: Lower bound, above 0.
        lambda_max: Upper bound.

    Raises:
        ValueError: If the bounds are not positive and in order.

    Example:
        >>> Spectrum(2.0, 50.0).kappa
        25.0
    """

    lambda_min: float
    lambda_max: float

    def __post_init__(self) -> None:
        """Check the order.

        Raises:
            ValueError: If the bounds are not positive and in order.
        """
        _checks.positive("lambda_min", self.lambda_min)
        if not self.lambda_max >= self.lambda_min:
            raise ValueError(
                f"lambda_max must be at least lambda_min = {self.lambda_min}, got "
                f"{self.lambda_max}: swap the two."
            )

    @property
    def kappa(self) -> float:
        """The condition number lambda_max / lambda_min."""
        return self.lambda_max / self.lambda_min


@dataclass(frozen=True)
class Hypothesis:
    """One hypothesis, with what it needs and what there is.

    Args:
        name: The hypothesis in words.
        needed: The least value allowed.
        measured: The value at hand.
        up_to_a_constant: Whether the paper leaves an absolute constant open; 1 is taken here, so
            that a failure says how large the gap is, not that the theorem is silent.
    """

    name: str
    needed: float
    measured: float
    up_to_a_constant: bool = False

    @property
    def slack(self) -> float:
        """The value at hand over the value needed: at least 1 if the hypothesis holds."""
        return self.measured / self.needed if self.needed else math.inf

    @property
    def holds(self) -> bool:
        """Whether the hypothesis holds."""
        return self.measured >= self.needed


@dataclass(frozen=True)
class Report:
    """All hypotheses of a theorem on one problem.

    Args:
        theorem: The theorem's title.
        hypotheses: Each of them, checked.
    """

    theorem: str
    hypotheses: tuple[Hypothesis, ...]

    @property
    def holds(self) -> bool:
        """Whether every hypothesis holds."""
        return not self.unmet

    @property
    def unmet(self) -> tuple[str, ...]:
        """The names of the hypotheses that fail."""
        return tuple(item.name for item in self.hypotheses if not item.holds)

    def __str__(self) -> str:
        lines = [self.theorem]
        for item in self.hypotheses:
            constant = " (times an unknown constant)" if item.up_to_a_constant else ""
            verdict = "holds" if item.holds else "fails"
            lines.append(
                f"  {verdict}: {item.name}: needs {item.needed:.3g}{constant}, "
                f"has {item.measured:.3g}"
            )
        return "\n".join(lines)


@dataclass(frozen=True)
class Theorem(ABC, Generic[M]):
    """A linear-rate theorem on one kind of network.

    Args:
        delta: The probability of failure that the theorem grants, in (0, 1).
    """

    delta: float = 0.1

    key = ""
    number = ""
    title = ""
    provenance = Provenance.RECALLED
    quantity = Quantity.RESIDUALS

    def spectrum(self, model: M) -> Spectrum:
        """Give the theorem's own bounds on the kernel's eigenvalues, from the data alone.

        Args:
            model: The network with its data.

        Returns:
            The bounds.
        """
        return self._spectrum(model)

    def tuning(self, model: M, spectrum: Spectrum | None = None) -> Method:
        """Give the method with the theorem's numbers.

        Args:
            model: The network with its data.
            spectrum: Bounds to use instead of the theorem's own, such as measured ones.

        Returns:
            The method.
        """
        return self._tuning(model, spectrum or self.spectrum(model))

    def rate(self, model: M, spectrum: Spectrum | None = None) -> tuple[float, float]:
        """Give the prefactor C and the factor q of the bound C q^t.

        Args:
            model: The network with its data.
            spectrum: Bounds to use instead of the theorem's own.

        Returns:
            C and q.
        """
        return self._rate(model, spectrum or self.spectrum(model))

    def hypotheses(self, model: M) -> tuple[Hypothesis, ...]:
        """Compare what the theorem assumes with the problem.

        Args:
            model: The network with its data.

        Returns:
            Each hypothesis, with what it needs and what there is.
        """
        return self._hypotheses(model)

    def check(self, model: M) -> Report:
        """Compare every hypothesis with the problem.

        Args:
            model: The network with its data.

        Returns:
            The report.
        """
        return Report(self.title, self.hypotheses(model))

    def bound(self, model: M, steps: int, spectrum: Spectrum | None = None) -> torch.Tensor:
        """Give the curve of the theorem, relative to the quantity at the start.

        Args:
            model: The network with its data.
            steps: T.
            spectrum: Bounds to use instead of the theorem's own.

        Returns:
            C q^t for t = 0..T, shape (T + 1,), float64.
        """
        prefactor, factor = self.rate(model, spectrum)
        powers: torch.Tensor = factor ** torch.arange(steps + 1, dtype=torch.float64)
        return prefactor * powers

    def measured(self, run: Trajectory) -> torch.Tensor:
        """Give what the theorem bounds, along a run, relative to its value at the start.

        Args:
            run: The run, on data reduced to rank size, so that its least loss is 0.

        Returns:
            Ratios, shape (R, T + 1).
        """
        squares = run.residual_norms.square()
        if self.quantity is Quantity.LOSS:
            return squares / squares[:, :1]
        before = torch.cat([squares[:, :1], squares[:, :-1]], dim=1)
        stacked: torch.Tensor = (squares + before) / (2 * squares[:, :1])
        return stacked.sqrt()

    def worst_ratio(
        self, model: M, run: Trajectory, spectrum: Spectrum | None = None
    ) -> torch.Tensor:
        """Give the largest measured value over the bound, from t = 1 to the rounding floor.

        Below a bound of 1e-12 in the residual, runs in float64 are noise and say nothing.

        Args:
            model: The network with its data.
            run: The run.
            spectrum: Bounds to use instead of the theorem's own.

        Returns:
            Ratios, shape (R,): at most 1 where the bound holds; infinite after a divergence.
        """
        measured = self.measured(run)[:, 1:]
        bound = self.bound(model, measured.shape[1], spectrum)[1:]
        after_end = torch.arange(1, len(bound) + 1) > run.stopped_at[:, None]
        unseen = bound < (_FLOOR**2 if self.quantity is Quantity.LOSS else _FLOOR)
        ratios = (measured / bound).nan_to_num(torch.inf)
        return ratios.masked_fill(after_end | unseen, 0.0).amax(1)

    @abstractmethod
    def _spectrum(self, model: M) -> Spectrum:
        """Give the theorem's own bounds."""

    @abstractmethod
    def _tuning(self, model: M, bounds: Spectrum) -> Method:
        """Give the method for these bounds."""

    @abstractmethod
    def _rate(self, model: M, bounds: Spectrum) -> tuple[float, float]:
        """Give C and q for these bounds."""

    @abstractmethod
    def _hypotheses(self, model: M) -> tuple[Hypothesis, ...]:
        """Give each hypothesis, checked."""


@dataclass(frozen=True)
class WidthTheorem(Theorem[DeepLinear]):
    """A theorem on deep linear networks: one initialisation, and a width that is large enough.

    Unless a theorem says otherwise, its bounds on the kernel are the extremes of (L/k) X^T X, the
    mean kernel at initialisation.

    Args:
        delta: The probability of failure that the theorem grants, in (0, 1).
    """

    initialisation = "gaussian"

    def required_width(self, model: DeepLinear) -> float:
        """Give the width that the theorem asks for, with 1 for its absolute constant.

        Args:
            model: The network with its data.

        Returns:
            The width.
        """
        return self._required_width(model)

    @abstractmethod
    def _required_width(self, model: DeepLinear) -> float:
        """Give the width."""

    def _spectrum(self, model: DeepLinear) -> Spectrum:
        return data_spectrum(model)

    def _hypotheses(self, model: DeepLinear) -> tuple[Hypothesis, ...]:
        same = float(model.initialisation == self.initialisation)
        smallest = max(len(model.X), len(model.Y))
        return (
            Hypothesis(f"{self.initialisation} initialisation", 1.0, same),
            Hypothesis("width at least max(d, k)", smallest, model.width),
            Hypothesis("width of the theorem", self.required_width(model), model.width, True),
        )


def solution_norm(model: LinearNetwork) -> float:
    """Give the spectral norm of W*, the least-squares solution of the data.

    Args:
        model: The network with its data.

    Returns:
        ||W*||.
    """
    return float(torch.linalg.matrix_norm(model.Y @ torch.linalg.pinv(model.X), 2))


def singular_values(model: LinearNetwork) -> torch.Tensor:
    """Give the non-zero singular values of X in descending order.

    Args:
        model: The network with its data.

    Returns:
        Values, shape (r,).
    """
    values: torch.Tensor = torch.linalg.svdvals(model.X)
    return values[values > values[0] * max(model.X.shape) * torch.finfo(values.dtype).eps]


def data_spectrum(model: LinearNetwork, low: float = 1.0, high: float = 1.0) -> Spectrum:
    """Give (low, high) times the extremes of (L/k) X^T X, the mean kernel at initialisation.

    Args:
        model: The network with its data.
        low: Factor of the lower bound.
        high: Factor of the upper bound.

    Returns:
        The bounds.
    """
    values = singular_values(model).square() * (model.depth / len(model.Y))
    return Spectrum(low * float(values[-1]), high * float(values[0]))
