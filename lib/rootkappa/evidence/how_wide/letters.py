"""Gaussian networks cut to their first Krylov letters: exact steps, and the law of the error."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch

from rootkappa import datasets, rates
from rootkappa.architectures import DeepLinear, Model, Weights
from rootkappa.datasets import Dataset
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.ledger import Control
from rootkappa.optimizers import Method, modular_heavy_ball, nesterov, optimal_nesterov, walk
from rootkappa.problems import Spectrum
from rootkappa.reductions import reduce_krylov, sample_krylov
from rootkappa.reductions._process import sizes

# Depth and blocks: those that are one short of a further exact step, or just enough for one.
EXACT = ((3, 1), (4, 1), (4, 3), (5, 1), (5, 4), (6, 2))
_WIDE, _METHOD = 90, nesterov(0.15, 0.7)
LAW = ((3, 0), (3, 1), (4, 0), (4, 1), (4, 2), (4, 3), (5, 2), (5, 3))
LAW_WIDTHS = (400, 1600, 6400)
_LAW_STEPS = 20
# One power of the width more than the largest of these needs.
_REFERENCE = {3: 4, 4: 6, 5: 6}
# Of the chosen blocks.
KAPPA, WIDTH, TOLERANCE = 64.0, 512, 1e-7
# Errors below this are not told apart.
_ROUNDING = 1e-13
_TUNINGS = (optimal_nesterov, modular_heavy_ball)


def _data(seed: int, kappa: float = 4.0) -> Dataset:
    return datasets.gaussian(d=3, k=1, n=6, kappa=kappa, seed=seed).reduced()


def _apart(
    one: tuple[Model, Weights], other: tuple[Model, Weights], method: Method, steps: int
) -> torch.Tensor:
    # Differences of the outputs at steps 0, ..., T over the residual at the start.
    paths = []
    for model, start in (one, other):
        points = (now.point for now in walk(method, model.gradient, start, steps))
        paths.append(torch.stack([model.residual(point)[0] for point in points]))
    gaps: torch.Tensor = (paths[0] - paths[1]).flatten(1).norm(dim=1) / paths[0][0].norm()
    return gaps


@measures("how-wide/krylov-exact-steps")
def krylov_exact_steps(seeds: Sequence[int]) -> Evidence:
    """Find out for how many steps networks cut to a number of blocks are those they were cut from.

    Args:
        seeds: The seeds of the draws, which take depths and blocks in turn.

    Returns:
        The evidence.
    """
    until, after, fewer = [], [], []
    for index, seed in enumerate(seeds):
        depth, blocks = EXACT[index % len(EXACT)]
        data = _data(seed)
        model = DeepLinear(data.X, data.Y, _WIDE, depth)
        start = model.initialise([seed])

        def cut(count: int, model: DeepLinear = model, start: Weights = start) -> torch.Tensor:
            small = reduce_krylov(model, start, count)
            return _apart((model, start), (small.model, small.weights), _METHOD, 4)

        steps = reduce_krylov(model, start, blocks).exact_steps or 0
        gaps = cut(blocks)
        until.append(float(gaps[: steps + 1].max()))
        after.append(float(gaps[steps + 1]))
        fewer.append(float(cut(blocks - 1)[: steps + 1].max()))
    return Evidence(
        {"until": until, "after": after},
        Control("one block fewer", {"until": fewer, "after": after}),
    )


@measures("how-wide/krylov-error")
def krylov_error(seeds: Sequence[int]) -> Evidence:
    """Fit how the error of a number of blocks falls with the width.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """
    errors = {pair: _errors(*pair, seeds) for pair in LAW}
    fits = {
        pair: [rates.scaling_exponent(list(LAW_WIDTHS), one).value for one in found.T]
        for pair, found in errors.items()
    }

    def misses(power: dict[tuple[int, int], int]) -> list[float]:
        each = [[value + power[pair] for value in fits[pair]] for pair in LAW]
        rows = torch.tensor(each, dtype=torch.float64)
        found: list[float] = rows.abs().amax(0).tolist()
        return found

    law = {(depth, blocks): blocks // (depth - 2) + 1 for depth, blocks in LAW}
    of_three = {(depth, blocks): blocks + 1 for depth, blocks in LAW}
    return Evidence(
        {"miss": misses(law)},
        Control("the law of depth 3 at every depth", {"miss": misses(of_three)}),
        shown={"errors": errors, "law": law},
    )


def _errors(depth: int, blocks: int, seeds: Sequence[int]) -> torch.Tensor:
    rows = []
    for width in LAW_WIDTHS:
        row = []
        for seed in seeds:
            data = _data(seed)
            pair = [
                sample_krylov(data.X, data.Y, width, [seed], count, depth=depth)
                for count in (_REFERENCE[depth], blocks)
            ]
            networks = [(one.model, one.weights) for one in pair]
            row.append(float(_apart(networks[0], networks[1], _METHOD, _LAW_STEPS).max()))
        rows.append(torch.tensor(row, dtype=torch.float64))
    return torch.stack(rows)


@measures("how-wide/krylov-blocks")
def krylov_blocks(seeds: Sequence[int]) -> Evidence:
    """Compare the error that a chosen number of blocks claims with the real one, at depth 4.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """
    ratios, cut, chosen = [], [], []
    for seed in seeds:
        data = _data(seed, KAPPA)
        worst, short, counts = 0.0, math.inf, []
        for tuning in _TUNINGS:
            steps = round(10 * math.sqrt(KAPPA))
            drawn = sample_krylov(
                data.X,
                data.Y,
                WIDTH,
                [seed],
                depth=4,
                methods=tuning,
                steps=steps,
                tolerance=TOLERANCE,
            )
            blocks = _blocks(drawn.weights[1].shape[1])
            counts.append(blocks)
            spectrum = drawn.model.spectra(drawn.weights)[0]
            ends = Spectrum(spectrum.lambda_min, spectrum.lambda_max)
            wide, fewer = (
                sample_krylov(data.X, data.Y, WIDTH, [seed], count, depth=4)
                for count in (blocks + 2, max(blocks - 4, 0))
            )
            gaps = [
                float(
                    _apart(
                        (wide.model, wide.weights), (one.model, one.weights), tuning(ends), steps
                    ).max()
                )
                for one in (drawn, fewer)
            ]
            worst = max(worst, max(gaps[0], _ROUNDING) / max(drawn.error or 0.0, _ROUNDING))
            short = min(short, gaps[1] / TOLERANCE)
        ratios.append(worst)
        cut.append(short)
        chosen.append(counts[1] - counts[0])
    return Evidence(
        {"ratio": ratios, "more": chosen},
        Control("four blocks fewer", {"ratio": cut, "more": chosen}),
    )


def _blocks(units: int) -> int:
    # The number of blocks from the units that they have.
    return next(J for J in range(64) if max(sizes(3, 1, 4, J)[-1]) == units)
