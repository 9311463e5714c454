"""The library's own models as modules of PyTorch: a diagnosis is held to their closed forms."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from rootkappa.architectures import Model


class ModelModule(nn.Module):
    """One replica of a model, whose input is the number of a sample.

    Train it on `range(n)` as a tensor, with `model.Y.T` as labels and the loss "squares".

    Args:
        model: The model; its outputs are (R, k, n).
        weights: Its weights, one replica, a tensor (1, rows, cols) a layer.

    Raises:
        ValueError: If there are more replicas than one.
    """

    def __init__(self, model: Model, weights: Sequence[torch.Tensor]) -> None:
        super().__init__()
        fitting = model.fitting(weights)
        if len(fitting[0]) != 1:
            raise ValueError(
                f"the weights have {len(fitting[0])} replicas: give those of one, such as "
                "[layer[:1] for layer in weights]."
            )
        self.model = model
        self.layers = nn.ParameterList([layer.clone() for layer in fitting])

    def forward(self, samples: torch.Tensor) -> torch.Tensor:
        """Give the outputs on samples.

        Args:
            samples: Which samples, shape (b,), int64.

        Returns:
            Shape (b, k).
        """
        # The checks of `predict` look at values, which a transformed tensor does not show.
        predict = type(self.model).predict.__wrapped__  # type: ignore[attr-defined]
        found: torch.Tensor = predict(self.model, list(self.layers))
        return found[0].mT[samples]
