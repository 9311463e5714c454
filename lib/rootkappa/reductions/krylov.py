"""A Gaussian deep linear network of depth 3, reduced for a number of steps.

Its gradients at step t live in spaces that grow by one application of the middle layer a step: a
block Golub-Kahan process. With J extra blocks the narrow network is exact for the first J + 1
steps. How close it is afterwards depends on the method, on kappa and on the width, so that J is
chosen from the run: see `blocks`. In the bases of that process a Gaussian middle layer is block
tridiagonal with independent entries, so networks of any width can be drawn directly.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch

from rootkappa import _checks
from rootkappa.architectures import DeepLinear, Weights
from rootkappa.draws import numpy_generator
from rootkappa.optimizers import Method
from rootkappa.problems import numerical_rank
from rootkappa.reductions._blocks import Chain, Run, Tuning, chosen, shares
from rootkappa.reductions.bartlett import triangular_factor
from rootkappa.reductions.reduction import Reduction, check_optimizer

_Methods = Method | Tuning | Sequence[Method | Tuning]
_TOLERANCE = 1e-12
_MISSING = "the start of the middle layer outside the blocks"


def reduce_krylov(
    model: DeepLinear,
    weights: Sequence[torch.Tensor],
    blocks: int | None = None,
    *,
    methods: _Methods | None = None,
    steps: int | None = None,
    tolerance: float = _TOLERANCE,
    optimizer: object = None,
) -> Reduction:
    """Reduce a deep linear network with three layers and any start, for `blocks` + 1 exact steps.

    Args:
        model: The wide network, of depth 3.
        weights: Its starting weights, a tensor (R, rows, cols) a layer.
        blocks: J, at least 0; each adds up to d + k units. If None, the least J for which, along
            the run of `methods` for `steps`, no more than `tolerance` of the outputs flows through
            the last block: at kappa = 1024 and width 512 that is 5 for Nesterov and 14 for the
            optimal heavy ball.
        methods: What will train it: a method, or a tuning such as
            `optimizers.optimal_heavy_ball`, which is taken at the widest spectrum of all replicas;
            or several, of which the one that needs most decides.
        steps: T, for how many steps.
        tolerance: The share of the residual at the start that may flow through the last block. It
            is what `error` estimates.
        optimizer: What will train it, checked if given: see `reduce`. Weight decay is refused.

    Returns:
        The reduction, with `exact_steps` = J + 1, and with `error` if a run was named.

    Raises:
        ValueError: If the depth is not 3, `blocks` is negative, or there is neither a number of
            blocks nor a run to choose it from.

    Source: derived for this book.
    """
    _checks.instance("model", model, DeepLinear, "DeepLinear(X, Y, width, 3)")
    if model.depth != 3:
        raise ValueError(
            f"the Krylov reduction is written for depth 3, got {model.depth}: use the network "
            "itself, or orthogonal initialisation and reductions.reduce."
        )
    blocks = None if blocks is None else _checks.count("blocks", blocks, least=0)
    check_optimizer(optimizer, _MISSING)
    weights = model.fitting(weights)
    W1, W2, W3 = weights

    def bases(count: int) -> tuple[torch.Tensor, torch.Tensor, list[tuple[int, int]]]:
        Q1 = _extend(W1[:, :, :0], torch.cat([W1, W2.mT @ W3.mT], 2))
        Q2 = _extend(W1[:, :, :0], torch.cat([W3.mT, W2 @ W1], 2))
        ends = [(Q1.shape[2], Q2.shape[2])]
        for _ in range(count):
            Q1, Q2 = _extend(Q1, W2.mT @ Q2), _extend(Q2, W2 @ Q1)
            ends.append((Q1.shape[2], Q2.shape[2]))
        return Q1, Q2, ends

    def grow(count: int) -> Chain:
        Q1, Q2, ends = bases(count)
        return Chain([Q1.mT @ W1, Q2.mT @ W2 @ Q1, W3 @ Q2], ends)

    def network(size: int) -> DeepLinear:
        return DeepLinear(model.X, model.Y, size, 3, scale_width=model.scale_width)

    chain, taken, error = _settled(
        grow, network, blocks, _run(methods, steps, tolerance), most=2 * model.width
    )
    start = chain.leading(taken)
    size = start[0].shape[1]
    Q1, Q2 = (_filled(Q, size) for Q in bases(taken)[:2])

    def lift(reduced: Weights) -> Weights:
        inner = Q2 @ (reduced[1] - start[1]) @ Q1.mT
        return [Q1 @ reduced[0], W2 + inner, reduced[2] @ Q2.mT]

    return Reduction(network(size), start, lift, taken + 1, error)


def sample_krylov(
    X: torch.Tensor,
    Y: torch.Tensor,
    width: int,
    seeds: Sequence[int],
    blocks: int | None = None,
    *,
    methods: _Methods | None = None,
    steps: int | None = None,
    tolerance: float = _TOLERANCE,
    optimizer: object = None,
) -> Reduction:
    """Draw the reduced form of a Gaussian network of depth 3, at a cost free of its width.

    Revealing a Gaussian middle layer W_2 along the process uses each entry once. With bases of
    alternating sizes d, k, d, ... below and k, d, k, ... above, its diagonal blocks are Gaussian;
    the block under (right of) the i-th is the (transposed) triangular factor of a Gaussian matrix
    with m minus the units already used as its number of rows. A network of more blocks, drawn from
    the same seed, begins with the one of fewer.

    Args:
        X: Inputs, shape (d, n).
        Y: Labels, shape (k, n).
        width: m of the network that is meant; at least (`blocks` + 2) (d + k).
        seeds: One seed a replica.
        blocks: J, at least 0; chosen from the run if None, see `reduce_krylov`.
        methods: What will train it, see `reduce_krylov`.
        steps: T, for how many steps.
        tolerance: See `reduce_krylov`.
        optimizer: What will train it, checked if given: see `reduce`. Weight decay passes, since
            there is nothing to lift.

    Returns:
        The reduced network and its starting weights, a tensor (R, rows, cols) a layer. It has the
        law of the wide one for `exact_steps` = J + 1 steps, and is close to it for the run that
        was named: see `error`.

    Raises:
        ValueError: If the width is too small for that many blocks, or there is neither a number of
            blocks nor a run to choose it from.

    Source: the block form of the tridiagonal models of Dumitriu and Edelman, Matrix models for beta
    ensembles (2002); that iterative methods on random data see only such a model is the point of
    Deift and Trogdon (arXiv 1901.09007) and Paquette and Trogdon (arXiv 2007.00640). The truncation
    for a network in training is derived for this book.

    Example:
        >>> from rootkappa import datasets
        >>> from rootkappa.optimizers import classical_nesterov
        >>> data = datasets.gaussian(d=4, k=2).reduced()
        >>> run = {"methods": classical_nesterov, "steps": 200}
        >>> drawn = sample_krylov(data.X, data.Y, 10**6, seeds=[0], **run)
        >>> drawn.exact_steps, drawn.error < 1e-12
        (3, True)
    """
    check_optimizer(optimizer)
    X, Y = _checks.data(X, Y)
    given = _checks.seeds(seeds)
    blocks = None if blocks is None else _checks.count("blocks", blocks, least=0)
    d, k = len(X), len(Y)
    width, least = _checks.count("width", width), 3 if blocks is None else blocks + 2
    _checks.count("width", width, least=least * (d + k))

    def grow(count: int) -> Chain:
        draws = [_draw_krylov(d, k, width, count + 2, numpy_generator(s)) for s in given]
        weights = [torch.stack(layer).to(X) for layer in zip(*draws, strict=True)]
        below, above = _stages(d, k, count + 2), _stages(k, d, count + 2)
        ends = [(b.stop, a.stop) for b, a in zip(below, above, strict=True)]
        return Chain(weights, ends[1:])

    def network(size: int) -> DeepLinear:
        return DeepLinear(X, Y, size, 3, scale_width=width)

    chain, taken, error = _settled(
        grow, network, blocks, _run(methods, steps, tolerance), most=width // (d + k) - 2
    )
    start = chain.leading(taken)
    return Reduction(network(start[0].shape[1]), start, None, taken + 1, error)


def _run(methods: _Methods | None, steps: int | None, tolerance: float) -> Run | None:
    if methods is None and steps is None:
        return None
    if methods is None or steps is None:
        raise ValueError(
            f"got methods = {methods} and steps = {steps}: a run needs both, how it is trained and "
            "for how long."
        )
    share = _checks.within("tolerance", tolerance, 0.0, 1.0, "it is a share of the residual")
    return Run(methods, _checks.count("steps", steps), share)


def _settled(
    grow: Callable[[int], Chain],
    network: Callable[[int], DeepLinear],
    blocks: int | None,
    run: Run | None,
    most: int,
) -> tuple[Chain, int, float | None]:
    # A chain, how many of its blocks to take, and the error along the run if one is named.
    if blocks is None:
        if run is None:
            raise ValueError(
                "got neither blocks nor a run: give blocks, or methods and steps, from which their "
                "number is chosen."
            )
        return chosen(grow, network, run, most)
    chain = grow(blocks)
    return chain, blocks, shares(chain, network, run)[-1] if run and blocks else None


def _draw_krylov(
    d: int, k: int, width: int, stages: int, source: np.random.Generator
) -> list[torch.Tensor]:
    below, above = _stages(d, k, stages), _stages(k, d, stages)
    size = max(below[-1].stop, above[-1].stop)
    W1, W2, W3 = (torch.zeros(*shape).double() for shape in ((size, d), (size, size), (k, size)))
    W1[below[0]] = triangular_factor(d, width, source)
    W3[:, above[0]] = triangular_factor(k, width, source).T
    for i, (column, row) in enumerate(zip(below, above, strict=True)):
        shape = (row.stop - row.start, column.stop - column.start)
        W2[row, column] = torch.from_numpy(source.standard_normal(shape))
        if i + 1 < stages:
            under = triangular_factor(shape[1], width - row.stop, source)
            right = triangular_factor(shape[0], width - column.stop, source)
            W2[above[i + 1], column], W2[row, below[i + 1]] = under, right.T
    return [W1, W2, W3]


def _stages(first: int, second: int, stages: int) -> list[slice]:
    slices, start = [], 0
    for i in range(stages):
        stop = start + (second if i % 2 else first)
        slices.append(slice(start, stop))
        start = stop
    return slices


def _extend(Q: torch.Tensor, columns: torch.Tensor) -> torch.Tensor:
    scales = torch.linalg.matrix_norm(columns, 2)
    # Projecting twice keeps the new directions orthogonal to rounding.
    for _ in range(2):
        columns = columns - Q @ (Q.mT @ columns)
    U, S, _ = torch.linalg.svd(columns, full_matrices=False)
    size = max(columns.shape[1:])
    ranks = [
        numerical_rank(torch.cat([scale[None], values]), size) - 1
        for scale, values in zip(scales, S, strict=True)
    ]
    # A replica with fewer new directions gets zeros: units without weight, which never move.
    there = torch.arange(U.shape[2], device=U.device) < torch.tensor(ranks).to(U.device)[:, None]
    return torch.cat([Q, (U * there[:, None])[:, :, : max(ranks)]], dim=2)


def _filled(Q: torch.Tensor, size: int) -> torch.Tensor:
    return torch.nn.functional.pad(Q, (0, size - Q.shape[2]))
