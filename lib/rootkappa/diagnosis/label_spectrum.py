"""The spectrum of the curvature kernel, as the labels see it.

The loss of the frozen network is a sum over modes, each with the share of the residual that lies
along it. A mode without a share need not be learnt, however small its eigenvalue.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch

from rootkappa import _checks, dynamics
from rootkappa._search import last_true
from rootkappa.optimizers import Method

# Steps that are looked at for the farthest.
_TIMES = 200


@dataclass(frozen=True)
class LabelSpectrum:
    """Eigenvalues, or Lanczos' nodes, with the share of the residual along each.

    Args:
        values: Ascending, above `cut`, shape (M,), float64.
        shares: Squared components of the residual of norm 1, shape (M,); with `floor` they sum
            to 1.
        floor: The share along eigenvalues that count as zero: no step removes it.
        cut: Up to which value they do.
        exact: Whether these are all eigenvalues, and not nodes.
        settled: Whether more products would not move the forecasts.
        products: How many products with the kernel were taken.
    """

    values: torch.Tensor
    shares: torch.Tensor
    floor: float
    cut: float
    exact: bool
    settled: bool
    products: int

    @classmethod
    def of(
        cls,
        values: torch.Tensor,
        components: torch.Tensor,
        cut: float,
        *,
        exact: bool,
        settled: bool,
        products: int,
    ) -> LabelSpectrum:
        """Separate what counts as zero.

        Args:
            values: Ascending, shape (M,).
            components: Of the residual along each, shape (M,).
            cut: Up to which value counts as zero.
            exact: See the class.
            settled: See the class.
            products: See the class.

        Returns:
            The spectrum.

        Raises:
            ValueError: If no value is above the cut, or the labels see none of them.
        """
        shares = components.square() / components.square().sum()
        kept = values > cut
        if not bool(kept.any()) or float(shares[kept].sum()) <= 0:
            raise ValueError(
                "the kernel is zero along the residual, so no step reduces the loss: let outputs "
                "depend on parameters that train, and take a loss with curvature."
            )
        floor = float(shares[~kept].sum())
        return cls(values[kept], shares[kept], floor, cut, exact, settled, products)

    @property
    def lambda_max(self) -> float:
        """The largest."""
        return float(self.values[-1])

    @property
    def kappa(self) -> float:
        """lambda_max over the least eigenvalue; NaN where only nodes are known."""
        return self.lambda_max / float(self.values[0]) if self.exact else math.nan

    def effective_kappa(self, tolerance: float) -> float:
        """Give the condition number that labels see.

        Args:
            tolerance: The share of the removable loss at which training ends.

        Returns:
            lambda_max over the least mode that has to be learnt: the smaller ones hold less than
            half of the tolerance together.
        """
        goal = _checks.within("tolerance", tolerance, 0.0, 1.0, "use 1e-2, say") / 2
        held = self.shares.cumsum(0) / self.shares.sum()
        first = min(int((held < goal).sum()), len(held) - 1)
        return self.lambda_max / float(self.values[first])

    def curve(self, method: Method, steps: int) -> torch.Tensor:
        """Give the forecast of the loss of a frozen network under the mean square.

        Args:
            method: The method.
            steps: The last step T.

        Returns:
            loss_t / loss_0, shape (T + 1,).
        """
        roots = self.shares.sqrt()
        norms = dynamics.frozen_norms(method, self.values, roots, steps)
        return norms.square() + self.floor

    def steps_to(self, method: Method, tolerance: float) -> int | None:
        """Count steps until the removable loss has fallen to a share, exactly.

        Args:
            method: The method.
            tolerance: The share.

        Returns:
            The count; None if the method does not get there.
        """
        seen = self.shares > 0
        try:
            return dynamics.steps_to(
                method, self.values[seen], self.shares[seen].sqrt(), math.sqrt(tolerance)
            )
        except ValueError:  # the slowest mode grows, or needs more steps than can be counted
            return None

    def farthest(self, method: Method, steps: int) -> int:
        """Find when a method takes the outputs of the frozen network farthest from the start.

        Args:
            method: The method.
            steps: The last step to look at.

        Returns:
            The step; with momentum an early one, at which the fast modes overshoot.
        """
        times = torch.unique(torch.logspace(0, math.log10(max(steps, 1)), _TIMES).round().long())
        gone = 1 - dynamics.modal_response(method, self.values, times)
        return int(times[int((self.shares @ gone.square()).argmax())])

    def flow_time(self, tolerance: float) -> float:
        """Give the time at which gradient flow has removed all but a share of the loss.

        Args:
            tolerance: The share of the removable loss.

        Returns:
            t with sum_i shares_i exp(-2 lambda_i t) = tolerance sum_i shares_i.
        """
        goal = tolerance * float(self.shares.sum())

        def above(t: float) -> bool:
            return float((self.shares * torch.exp(-2 * self.values * t)).sum()) >= goal

        return last_true(above, 0.0, 400 / float(self.values[0]), rounds=200)
