"""A Gaussian deep linear network, reduced for a number of steps.

Its gradients at step t live in spaces that grow by applications of the middle layers: at depth 3,
by one a step, a block Golub-Kahan process. With J extra blocks the narrow network is exact for the
first J + 1 steps there, and for about J / (L - 2) steps at depth L. How close it is afterwards
depends on the method, on kappa and on the width, so that J is chosen from the run: see `blocks`. In
the bases of that process the entries of Gaussian middle layers are independent, so networks of any
width can be drawn directly.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch

from rootkappa import _checks
from rootkappa.architectures import DeepLinear, Weights
from rootkappa.draws import numpy_generator
from rootkappa.optimizers import Method
from rootkappa.problems import numerical_rank
from rootkappa.reductions._blocks import Chain, Run, Tuning, chosen, shares
from rootkappa.reductions._process import Draw, exact_steps, least_width, most_blocks, sizes
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
    """Reduce a deep linear network of any start, for a number of exact steps.

    Args:
        model: The wide network, of depth 3 or more.
        weights: Its starting weights, a tensor (R, rows, cols) a layer.
        blocks: J, at least 0; at depth 3 each adds up to d + k units, at depth L a number that
            grows by a factor 2 cos(pi/L) with each. If None, the least J for which, along
            the run of `methods` for `steps`, no more than `tolerance` of the outputs flows through
            the last block (the last L - 2 of them at depth L): at kappa = 1024 and width 512 that
            is 5 for Nesterov and 14 for the optimal heavy ball.
        methods: What will train it: a method, or a tuning such as
            `optimizers.optimal_heavy_ball`, which is taken at the widest spectrum of all replicas;
            or several, of which the one that needs most decides.
        steps: T, for how many steps.
        tolerance: The share of the residual at the start that may flow through the last block. It
            is what `error` estimates.
        optimizer: What will train it, checked if given: see `reduce`. Weight decay is refused.

    Returns:
        The reduction, with `exact_steps` = J + 1 at depth 3, and with `error` if a run was named.
        At depth L they are (J - j) // (L - 2) + 1 with j = (L - 2) // 2, or 0 if J < j.

    Raises:
        ValueError: If the depth is below 3, `blocks` is negative, or there is neither a number of
            blocks nor a run to choose it from.

    Source: derived for this book.
    """
    _checks.instance("model", model, DeepLinear, "DeepLinear(X, Y, width, 3)")
    if model.depth < 3:
        raise ValueError(
            f"a network of depth {model.depth} has no middle layer, so its process ends at once: "
            "use the network itself, or orthogonal initialisation and reductions.reduce."
        )
    blocks = None if blocks is None else _checks.count("blocks", blocks, least=0)
    check_optimizer(optimizer, _MISSING)
    weights = model.fitting(weights)

    def grow(letters: int) -> Chain:
        spaces, ends = _spaces(weights, letters)
        return Chain(_inside(weights, spaces), ends)

    def network(size: int) -> DeepLinear:
        return DeepLinear(model.X, model.Y, size, model.depth, scale_width=model.scale_width)

    chain, taken, error = _settled(
        grow,
        network,
        blocks,
        _run(methods, steps, tolerance),
        most=2 * model.width,
        letters=model.depth - 2,
    )
    start = chain.leading(taken)
    size = start[0].shape[1]
    spaces = [_filled(Q, size) for Q in _spaces(weights, taken)[0]]

    def lift(reduced: Weights) -> Weights:
        middle = [
            layer + above @ (now - before) @ below.mT
            for layer, now, before, below, above in zip(
                weights[1:-1], reduced[1:-1], start[1:-1], spaces, spaces[1:], strict=False
            )
        ]
        return [spaces[0] @ reduced[0], *middle, reduced[-1] @ spaces[-1].mT]

    return Reduction(network(size), start, lift, exact_steps(taken, model.depth), error)


def sample_krylov(
    X: torch.Tensor,
    Y: torch.Tensor,
    width: int,
    seeds: Sequence[int],
    blocks: int | None = None,
    *,
    depth: int = 3,
    methods: _Methods | None = None,
    steps: int | None = None,
    tolerance: float = _TOLERANCE,
    optimizer: object = None,
) -> Reduction:
    """Draw the reduced form of a Gaussian network, at a cost free of its width.

    Revealing a Gaussian middle layer along the process uses each entry once. At depth 3, with bases
    of alternating sizes d, k, d, ... below and k, d, k, ... above, the diagonal blocks of W_2 are
    Gaussian; the block under (right of) the i-th is the (transposed) triangular factor of a
    Gaussian matrix with m minus the units already used as its number of rows. A network of more
    blocks, drawn from the same seed, begins with the one of fewer.

    Args:
        X: Inputs, shape (d, n).
        Y: Labels, shape (k, n).
        width: m of the network that is meant; at least twice the units that a hidden layer has on
            average, (`blocks` + 2) (d + k) at depth 3.
        seeds: One seed a replica.
        blocks: J, at least 0; chosen from the run if None, see `reduce_krylov`.
        depth: L, at least 3. The units grow by a factor 2 cos(pi/L) a block, and it takes L - 2
            blocks to be exact for one step more.
        methods: What will train it, see `reduce_krylov`.
        steps: T, for how many steps.
        tolerance: See `reduce_krylov`.
        optimizer: What will train it, checked if given: see `reduce`. Weight decay passes, since
            there is nothing to lift.

    Returns:
        The reduced network and its starting weights, a tensor (R, rows, cols) a layer. It has the
        law of the wide one for `exact_steps` steps, J + 1 at depth 3, and is close to it for the
        run that was named: see `error`.

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
    depth = _checks.count("depth", depth, least=3)
    d, k, width = len(X), len(Y), _checks.count("width", width)
    _checks.count("width", width, least=least_width(d, k, depth, 1 if blocks is None else blocks))

    def grow(letters: int) -> Chain:
        draws = [Draw(d, k, width, depth, letters, numpy_generator(s)).weights for s in given]
        weights = [torch.stack(layer).to(X) for layer in zip(*draws, strict=True)]
        return Chain(weights, sizes(d, k, depth, letters))

    def network(size: int) -> DeepLinear:
        return DeepLinear(X, Y, size, depth, scale_width=width)

    most = most_blocks(d, k, depth, width)
    run = _run(methods, steps, tolerance)
    chain, taken, error = _settled(grow, network, blocks, run, most, depth - 2)
    start = chain.leading(taken)
    size = start[0].shape[1]
    return Reduction(network(size), start, None, exact_steps(taken, depth), error)


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
    letters: int,
) -> tuple[Chain, int, float | None]:
    # A chain, how many of its blocks to take, and the error along the run if one is named.
    if blocks is None:
        if run is None:
            raise ValueError(
                "got neither blocks nor a run: give blocks, or methods and steps, from which their "
                "number is chosen."
            )
        return chosen(grow, network, run, most, letters)
    chain = grow(blocks)
    known = run is not None and blocks >= letters
    return chain, blocks, shares(chain, network, run)[-letters] if run and known else None


def _spaces(weights: Weights, count: int) -> tuple[list[torch.Tensor], list[tuple[int, ...]]]:
    # Bases of the spaces of every hidden layer, and their sizes with 0, 1, ... blocks.
    up, down = [weights[0]], [weights[-1].mT]
    for layer in weights[1:-1]:
        up.append(layer @ up[-1])
    for layer in reversed(weights[1:-1]):
        down.append(layer.mT @ down[-1])
    pairs = list(zip(up, reversed(down), strict=True))
    lower = len(pairs) // 2
    begun = [torch.cat(pair if i < lower else pair[::-1], 2) for i, pair in enumerate(pairs)]
    bases = [_extend(weights[0][:, :, :0], columns) for columns in begun]
    ends = [tuple(Q.shape[2] for Q in bases)]
    for _ in range(count):
        arriving: list[list[torch.Tensor]] = [[] for _ in bases]
        for i, layer in enumerate(weights[1:-1]):
            arriving[i].append(layer.mT @ bases[i + 1])
            arriving[i + 1].append(layer @ bases[i])
        bases = [_extend(Q, torch.cat(new, 2)) for Q, new in zip(bases, arriving, strict=True)]
        ends.append(tuple(Q.shape[2] for Q in bases))
    return bases, ends


def _inside(weights: Weights, spaces: Sequence[torch.Tensor]) -> Weights:
    # The layers in bases of what lies below and above them.
    middle = [
        above.mT @ layer @ below
        for layer, below, above in zip(weights[1:-1], spaces, spaces[1:], strict=False)
    ]
    return [spaces[0].mT @ weights[0], *middle, weights[-1] @ spaces[-1]]


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
