"""The reductions that are exact for ever, behind one name."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from rootkappa.architectures import DeepLinear, LinearResNet, Model
from rootkappa.reductions.linear_resnet import reduce_linear_resnet
from rootkappa.reductions.orthogonal import reduce_orthogonal
from rootkappa.reductions.reduction import Reduction


def reduce(model: Model, weights: Sequence[torch.Tensor], optimizer: object = None) -> Reduction:
    """Reduce a wide network to the narrow one that it is, step by step and for ever.

    * A linear ResNet whose hidden weights are zero outside the span of A X and B^T, as they are
      where they start at zero, becomes one of at most r + k units.
    * A deep linear network whose middle layers are sqrt(m) times orthogonal matrices becomes one of
      at most d + k units.

    Args:
        model: The wide network.
        weights: Its starting weights, a tensor (R, rows, cols) a layer.
        optimizer: What will train it, checked if given: a `Method`, or an instance or class of
            torch.optim. SGD with momentum, Nesterov's or dampened, in any batch order, passes. So
            does its weight decay for the linear ResNet; not for the deep linear network, where it
            shrinks the middle layers outside the span, which the lifted weights would not follow.

    Returns:
        The reduction, exact for gradient descent, heavy ball, Nesterov and SGD.

    Raises:
        ValueError: If the weights do not reduce, or the optimizer leaves the span.
        TypeError: If the model is no linear network.

    Source: derived for this book.

    Example:
        >>> from rootkappa import datasets
        >>> data = datasets.gaussian(d=4, k=2)
        >>> model = LinearResNet.gaussian(data.X, data.Y, width=100, depth=3, seeds=[0])
        >>> reduce(model, model.initialise([0])).model.width
        6
    """
    if isinstance(model, LinearResNet):
        return reduce_linear_resnet(model, weights, optimizer)
    if isinstance(model, DeepLinear):
        return reduce_orthogonal(model, weights, optimizer)
    raise TypeError(
        f"no reduction is known for a {type(model).__name__}: give a LinearResNet or an orthogonal "
        "DeepLinear, or train the network itself."
    )
