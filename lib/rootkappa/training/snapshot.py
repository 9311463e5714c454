"""What to look at during training, at chosen steps, and at the end of a run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from rootkappa.architectures import Model


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The state of the running replicas at one step. Its methods are ready-made observers.

    Args:
        model: The architecture.
        step: t.
        weights: Weights at the evaluation point, a tensor (R, rows, cols) a layer.
        start: Weights at t = 0, the same shapes.

    Example:
        >>> from rootkappa import DeepLinear, datasets, gradient_descent, train
        >>> data = datasets.gaussian(kappa=4)
        >>> model = DeepLinear(data.X, data.Y, width=32, depth=3)
        >>> seen = {"drift": Snapshot.kernel_drift}
        >>> start = model.initialise([0])
        >>> run = train(model, gradient_descent(0.3), start, 9, observers=seen, observe_at=[0, 9])
        >>> float(run.observed["drift"][0, 0])
        0.0
        >>> bool(run.observed["drift"][0, 1] == run.snapshot().kernel_drift())
        True
    """

    model: Model
    step: int
    weights: Sequence[torch.Tensor]
    start: Sequence[torch.Tensor]

    def distance_from_start(self) -> torch.Tensor:
        """Give max_l ||W_l(t) - W_l(0)||_F / ||W_l(0)||_F.

        Returns:
            Distances, shape (R,).

        Raises:
            ValueError: If a layer starts at zero.
        """
        sizes = torch.stack([torch.linalg.matrix_norm(layer) for layer in self.start])
        if bool((sizes == 0).any()):
            raise ValueError(
                f"{int((sizes == 0).any(1).sum())} of {len(sizes)} layers start at zero, so no "
                "distance is relative to them: observe Snapshot.displacement."
            )
        distances: torch.Tensor = (self._moves() / sizes).amax(0)
        return distances

    def displacement(self) -> torch.Tensor:
        """Give ||W(t) - W(0)||_F over all layers.

        Returns:
            Distances, shape (R,).
        """
        distances: torch.Tensor = torch.linalg.vector_norm(self._moves(), dim=0)
        return distances

    def largest_displacement(self) -> torch.Tensor:
        """Give max_r ||w_r(t) - w_r(0)||, over the neurons of the first layer.

        Returns:
            Distances, shape (R,).
        """
        moved = self.weights[0] - self.start[0]
        largest: torch.Tensor = torch.linalg.vector_norm(moved, dim=2).amax(1)
        return largest

    def flipped_share(self) -> torch.Tensor:
        """Give the share of pairs (neuron, sample) whose activation differs from the start.

        The architecture raises one sentence if it has no activation patterns.

        Returns:
            Shares in [0, 1] over all hidden layers, shape (R,).
        """
        now = self.model.activation_patterns(self.weights)
        before = self.model.activation_patterns(self.start)
        changed = [(a ^ b).flatten(1) for a, b in zip(now, before, strict=True)]
        return torch.cat(changed, dim=1).double().mean(1)

    def kernel_drift(self) -> torch.Tensor:
        """Give ||H_t - H_0||_F / ||H_0||_F.

        Returns:
            Relative drifts, shape (R,).
        """
        start = self.model.tangent_kernel(self.start)
        moved = torch.linalg.matrix_norm(self.model.tangent_kernel(self.weights) - start)
        drift: torch.Tensor = moved / torch.linalg.matrix_norm(start)
        return drift

    def kernel_extremes(self) -> torch.Tensor:
        """Give the least non-zero and the greatest eigenvalue of H_t, each replica by itself.

        Returns:
            Pairs (lambda_min, lambda_max), shape (R, 2), float64 on the CPU.
        """
        spectra = self.model.spectra(self.weights)
        ends = [(spectrum.lambda_min, spectrum.lambda_max) for spectrum in spectra]
        return torch.tensor(ends, dtype=torch.float64)

    def _moves(self) -> torch.Tensor:
        pairs = zip(self.weights, self.start, strict=True)
        return torch.stack([torch.linalg.matrix_norm(now - start) for now, start in pairs])


Observer = Callable[[Snapshot], torch.Tensor]
