"""The constants of the class, as the largest quotients of the model's own differences."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from rootkappa import draws
from rootkappa.architectures import AdditiveModel
from rootkappa.architectures.additive_model import Activation
from rootkappa.evidence.additive_models.drawn import Draw, drawn
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.ledger import Control

_PAIRS = 300
# The activation s |s| for s > 0, which has no Lipschitz constant; 1 is told.
_SQUARE = Activation(lambda s: s.clamp(min=0).square(), lambda s: 2 * s.clamp(min=0), 1.0)


@measures("additive-models/constants")
def constants(seeds: Sequence[int]) -> Evidence:
    """Compare difference quotients of models and gradients with the constants of Lemma 12.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """

    def compare(activation: Activation | None) -> dict[str, list[float]]:
        found = [quotients(drawn(seed, activation=activation), seed) for seed in seeds]
        return {name: [of[name] for of in found] for name in found[0]}

    what = "the square of ReLU, which is not 1-Lipschitz"
    return Evidence(compare(None), Control(what, compare(_SQUARE)))


def quotients(draw: Draw, seed: int) -> dict[str, float]:
    """Give the largest quotient over its constant for each constant of the class.

    Most pairs are random. The first two are placed where the model is steepest.

    Args:
        draw: The model.
        seed: The seed of the pairs.

    Returns:
        Of h along u, of the partial gradient along u, of mu (over the least quotient), of L1 and
        of L2.
    """
    model, k, source = draw.model, draw.told, draws.generator(seed)
    size = len(model.A1)
    x, z, u, v = (draws.normal((_PAIRS, size, 1), source) for _ in range(4))
    z[:2] = x[:2] + torch.linalg.svd(model.A1).Vh[[0, -1], :, None]
    u[:2], reach = steepest(model)
    v[0], v[1] = (u[0] + reach * leading(A) for A in (model.A2, model.A1.T @ model.A2))
    along_u = lengths(model.predict([x, v]) - model.predict([x, u])) / lengths(v - u)
    bent = _gradient(model, x, v) - _gradient(model, x, u)
    turned, moved = _gradient(model, z, u) - _gradient(model, x, u), z - x
    curvature = (turned * moved).sum((1, 2)) / lengths(moved).square()
    residual, outputs = model.residual([x, u]), model.predict([z, u]) - model.predict([x, u])
    # g(s) = |s - b|^2 / 2 lies above its tangent by L2/2 times the squared step.
    above = model.residual([z, u]).square() - residual.square() - 2 * residual * outputs
    return {
        "h": float(along_u.max()) / k.G1,
        "gradient": float((lengths(bent) / lengths(v - u)).max()) / k.G2,
        "mu": k.mu / float(curvature.min()),
        "L1": float((lengths(turned) / lengths(moved)).max()) / k.L1,
        "L2": float((above.sum((1, 2)) / lengths(outputs).square()).max()) / k.L2,
    }


def steepest(model: AdditiveModel) -> tuple[torch.Tensor, float]:
    """Give a u at which the activation has its full slope, and how far the slope reaches.

    Args:
        model: The model.

    Returns:
        u, shape (d, 1), and the length of a step along which all slopes stay 1, up to 1e-8.
    """
    greatest = float(torch.linalg.matrix_norm(model.A2, 2))
    if float(model.activation.derivative(model.A2.new_ones(()))) < 1:  # tanh: full at 0 alone
        return torch.zeros_like(model.A2[:1].T), 1e-4 / greatest
    return torch.linalg.solve(model.A2, torch.ones_like(model.Y)), 0.5 / greatest


def leading(matrix: torch.Tensor) -> torch.Tensor:
    """Give the right singular vector of the largest singular value.

    Args:
        matrix: The matrix.

    Returns:
        A column.
    """
    vectors: torch.Tensor = torch.linalg.svd(matrix).Vh
    return vectors[0][:, None]


def lengths(vectors: torch.Tensor) -> torch.Tensor:
    """Give the norms of columns.

    Args:
        vectors: Shape (pairs, n, 1).

    Returns:
        Shape (pairs,).
    """
    norms: torch.Tensor = torch.linalg.vector_norm(vectors, dim=(1, 2))
    return norms


def _gradient(model: AdditiveModel, x: torch.Tensor, u: torch.Tensor) -> torch.Tensor:
    left, right = model.gradient_factors([x, u])[1][0]
    return left @ right
