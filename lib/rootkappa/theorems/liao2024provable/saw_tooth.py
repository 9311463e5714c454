"""The worst perturbation found: a saw-tooth curve built along the run that it spoils."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch

from rootkappa import _checks
from rootkappa.draws import generator, normal
from rootkappa.optimizers import Method, Step, walk
from rootkappa.problems import PartitionConstants

ADVERSARIES = ("out", "slow", "slow velocity", "velocity", "random")

_FLOOR = 1e-12


@dataclass(frozen=True)
class SawToothRun:
    """A run against the saw-tooth, of R replicas over T steps.

    Args:
        norms: ||rho_k|| at the points where the gradient is taken, shape (R, T + 1); not finite
            after an overflow.
        losses: f(x_k, u_k) at the iterates, shape (R, T + 1).
        slow: The residual's component of least eigenvalue, shape (R, T + 1).
        u: v_k, at which the curve has its teeth, shape (R, T + 1); it increases strictly.
    """

    norms: torch.Tensor
    losses: torch.Tensor
    slow: torch.Tensor
    u: torch.Tensor

    def factors(self) -> torch.Tensor:
        """Give the factor of the loss a step over the second half of the run.

        A run that reaches the rounding floor, 1e-12 of its start, ends there.

        Returns:
            Shape (R,); infinite where the run overflowed.
        """
        # Below this share of the start, the sum of A1 y - b and s is rounding.
        above = self.norms >= _FLOOR * self.norms[:, :1]
        last = (above.long().cumprod(1).sum(1) - 1).clamp(min=2)
        last = torch.where(torch.isfinite(self.norms[:, -1]), last, self.norms.shape[1] - 1)
        middle = last // 2
        ends = [self.norms.gather(1, index[:, None])[:, 0] for index in (middle, last)]
        growth = (ends[1] / ends[0]) ** (2 / (last - middle))
        return growth.nan_to_num(math.inf, math.inf)


class SawTooth:
    """The loss 1/2 ||A1 x + s(u) - b||^2 with one number u and a curve s of slope G1.

    At every point where the method takes a gradient, the slope of s is -G1 times the unit residual,
    on an interval as short as one likes. It lures u onwards by eta G1 ||rho||. Between two such
    points s runs with slope G1 wherever the adversary wants: for "out" along the residual, for
    "slow" along the mode of least eigenvalue. So s is G1-Lipschitz, u helps nowhere, and the
    problem is in the class of the theorem with G2 = sqrt(L1) G1 and infinite radii.

    Args:
        eigenvalues: l_i, the eigenvalues of A1^T A1 in ascending order, shape (m,), above 0.
        adversary: "out", "slow", "slow velocity", "velocity" (the direction in which A1 y moves) or
            "random".
        seed: Seed of b and x_0, which are N(0, 1), and of the random adversary.

    Raises:
        ValueError: If an eigenvalue is not positive, they are not in order, or the adversary is
            unknown.

    Source: derived in the chapter on additive models.
    """

    def __init__(self, eigenvalues: torch.Tensor, adversary: str = "out", seed: int = 0) -> None:
        values = _checks.vector("eigenvalues", eigenvalues)
        if not float(values[0]) > 0 or bool((values.diff() < 0).any()):
            raise ValueError(
                f"eigenvalues must be above 0 and ascending, got {float(values[0]):.3g} as the "
                "first: sort them, and drop zeros."
            )
        self.roots = values.sqrt()
        self.adversary = _checks.choice("adversary", adversary, ADVERSARIES)
        self.seed = _checks.seed(seed)

    @classmethod
    def geometric(
        cls, kappa: float, m: int = 30, adversary: str = "out", seed: int = 0
    ) -> SawTooth:
        """Make the problem with m eigenvalues in geometric order from 1 to kappa.

        Args:
            kappa: Condition number, at least 1.
            m: Number of eigenvalues.
            adversary: As for the class.
            seed: As for the class.

        Returns:
            The problem.
        """
        powers = torch.linspace(0, 1, _checks.count("m", m, 2), dtype=torch.float64)
        return cls(_checks.at_least("kappa", kappa, 1.0) ** powers, adversary, seed)

    def constants(self, G1: float) -> PartitionConstants:
        """Give the problem's constants.

        Args:
            G1: The curve's slope.

        Returns:
            The constants.
        """
        return PartitionConstants.additive(float(self.roots[0]), float(self.roots[-1]), G1)

    def run(self, method: Method, slopes: torch.Tensor, steps: int) -> SawToothRun:
        """Run a method against the curve.

        Args:
            method: A method with constant numbers.
            slopes: G1 of each replica, shape (R,), at least 0.
            steps: T, at least 1.

        Returns:
            The run.

        Raises:
            ValueError: If a slope is negative or the method's numbers are not constant.
        """
        method.constants("the saw-tooth")
        G1 = _checks.vector("slopes", slopes).to(self.roots)[:, None]
        if bool((G1 < 0).any()):
            raise ValueError(
                f"slopes must be at least 0, got {float(G1.min())}: G1 is a Lipschitz constant."
            )
        source = generator(self.seed)
        b, x0 = (normal((len(self.roots),), source).to(self.roots) for _ in range(2))
        # Residuals instead of points: A1 x - b, and s separately.
        start = [(self.roots * x0 - b).expand(len(G1), -1), torch.zeros_like(G1)]
        curve = _Curve(self.roots, G1, self.adversary, source)
        path = walk(method, curve.gradient, start, _checks.count("steps", steps))
        seen = [curve.look(step) for step in path]
        return SawToothRun(*(torch.stack(column, 1) for column in zip(*seen, strict=True)))

    def break_point(
        self, method: Method, steps: int, bracket: tuple[float, float], rounds: int = 2
    ) -> float:
        """Find the largest slope below which the loss still falls.

        Args:
            method: A method with constant numbers.
            steps: T; the second half of the run decides.
            bracket: A slope at which it falls and one at which it does not.
            rounds: How often to divide the bracket in 48.

        Returns:
            The slope, to a relative accuracy of the bracket's ratio to the power 48^(-rounds).

        Raises:
            ValueError: If the bracket's ends behave alike.
        """
        low, high = (_checks.positive("bracket", end) for end in bracket)
        for _ in range(_checks.count("rounds", rounds)):
            grid = torch.logspace(math.log10(low), math.log10(high), 49, dtype=torch.float64)
            falls = self.run(method, grid, steps).factors() < 1
            if not bool(falls[0]) or bool(falls.all()):
                raise ValueError(
                    f"the loss falls at {int(falls.sum())} of 49 slopes from {low:.3g} to "
                    f"{high:.3g}: widen the bracket."
                )
            last = int((~falls).double().argmax()) - 1
            low, high = float(grid[last]), float(grid[last + 1])
        return math.sqrt(low * high)


class _Curve:
    """The curve s as far as a run has built it, and the gradient that the run sees."""

    def __init__(
        self, roots: torch.Tensor, G1: torch.Tensor, adversary: str, source: torch.Generator
    ) -> None:
        self.roots, self.G1, self.adversary, self.source = roots, G1, adversary, source
        self.point: list[torch.Tensor] = []

    def gradient(self, point: list[torch.Tensor]) -> list[torch.Tensor]:
        if self.point:
            self._extend(point)
        else:
            self.s = self.s_before = self.direction = torch.zeros_like(point[0])
            self.v_before = point[1]
        self.point, self.rho = point, point[0] + self.s
        self.norm = self.rho.norm(dim=1, keepdim=True)
        return [self.roots.square() * self.rho, -self.G1 * self.norm]

    def _extend(self, point: list[torch.Tensor]) -> None:
        y, v = self.point
        self.direction = self._direction(point[0] - y)
        self.s_before, self.v_before = self.s, v
        self.s = self.s + self.G1 * (point[1] - v) * self.direction

    def look(self, step: Step) -> tuple[torch.Tensor, ...]:
        w, u = step.weights
        # u lies between the last two teeth, where the curve runs straight.
        s = self.s_before + self.G1 * (u - self.v_before) * self.direction
        loss = (w + s).square().sum(1) / 2
        return self.norm[:, 0], loss, self.rho[:, 0], step.point[1][:, 0]

    def _direction(self, moved: torch.Tensor) -> torch.Tensor:
        rho = self.rho
        if self.adversary in ("slow", "slow velocity"):
            leading = rho if self.adversary == "slow" else moved
            axis = torch.zeros_like(rho)
            axis[:, 0] = torch.where(leading[:, 0] < 0, -1.0, 1.0)
            return axis
        if self.adversary == "random":
            towards = normal(tuple(rho.shape), self.source).to(rho)
        else:
            towards = rho if self.adversary == "out" else moved
        return torch.nn.functional.normalize(towards, dim=1, eps=1e-300)
