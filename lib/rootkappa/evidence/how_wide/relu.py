r"""Two-layer ReLU networks on pairs of close points: races, and the derived loss of a pair.

Two inputs of unit norm at angle theta are told apart by the neurons whose boundary passes between
them. These alone see the difference of the two labels, and the least eigenvalue of the kernel,
lambda = sin(theta/2)^2 + theta cos(theta)/(2 pi), is half of their share but for the first term.
One of them, active on x_i and not on its twin, moves along x_i by m^{-1/2} a_r c_i, where c is the
sum of the steps: at the end c = H^{-1} y, whatever the method. Its boundary then leaves the wedge
if it was nearer to the edge than that. From there on it sees both points or none. On both, c_i and
that of the twin cancel, on none nothing moves it: it does not come back. Of the boundaries in the
wedge, whose density is even along |w| theta, this is the share

    lost_i = m^{-1/2} |c_i| (2 pi)^{1/2} cos(theta/2) / (4 tan(theta/2))

to first order in m^{-1/2}, and the eigenvalue falls by theta cos(theta)/(2 pi) times the mean of
both sides: half of those that left see both points, and keep 1 - cos(theta). As theta -> 0, with y
the coefficient of the labels on the slow mode,

    loss = |y| / (4 pi^{1/2} lambda^2 m^{1/2}),   width = y^2 / (16 pi lambda^4 loss^2).

The least eigenvalue enters with the power -4, as in the theorems; the number of samples only by the
largest of their labels. With k outputs a neuron of outer weights a moves by |a.c_i| and takes a a^T
of the kernel with it, so that a pair loses the largest eigenvalue of the mean of |a.c_i| a a^T over
all signs, in the place of |c_i|: for large k and labels of one size that is (8 k/pi)^{1/2} of it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache

import torch

from rootkappa import devices, draws, dynamics, kernels
from rootkappa.architectures import TwoLayerReLU, vectorise
from rootkappa.datasets import Dataset
from rootkappa.evidence.deep_linear.networks import METHODS
from rootkappa.evidence.how_wide.networks import RELU, Setting
from rootkappa.evidence.how_wide.races import (
    ACCURACY,
    BOUNDS,
    PATIENCE,
    Race,
    beyond,
    long_enough,
    promised,
    tail_rate,
)
from rootkappa.optimizers import Method
from rootkappa.problems import Spectrum
from rootkappa.reductions import CountedNeurons
from rootkappa.reductions.frozen_live.bounds import Bounds
from rootkappa.reductions.frozen_live.passes import survey
from rootkappa.training import Trajectory, train, train_wide

# Up to here the loop is not worth a forecast.
_NARROW = 2048
# Widths at which the derived tail is read, from the widest on and so many at a time.
_TRIED = 2 ** torch.arange(24, 3.75, -0.25, dtype=torch.float64)
_TOGETHER = 12
# Labels on the slow mode of a pair, in their standard deviation: few pairs in a thousand exceed it.
_LARGEST = 3.5


def usual(
    method: str = "nesterov", kappa: int = 8, size: float = 0.1, pairs: int = 6, outputs: int = 1
) -> Setting:
    """Give the setting of two-layer networks.

    Args:
        method: A name of `METHODS`.
        kappa: The condition number of the limit kernel of one pair.
        size: The standard deviation of the labels.
        pairs: How many pairs there are, of two samples each.
        outputs: k.

    Returns:
        The setting.
    """
    return Setting(RELU, method, kappa, outputs, depth=2, size=size, pairs=pairs)


@cache
def angle(kappa: float) -> float:
    """Give the angle at which the limit kernel of two points has a condition number.

    Its eigenvalues sum to 1, so that the least of them is 1/(1 + kappa).

    Args:
        kappa: The condition number, above 1.

    Returns:
        The angle in radians, by bisection.
    """
    low, high = 0.0, math.pi / 2
    for _ in range(60):
        middle = (low + high) / 2
        less = kernels.pair_eigenvalue(middle) * (1 + kappa) < 1
        low, high = (middle, high) if less else (low, middle)
    return high


def points(setting: Setting, seed: int) -> Dataset:
    """Give pairs of points, each in a plane of its own, and draw labels.

    So the kernel is one of separate pairs, and its condition number that of each.

    Args:
        setting: Its kappa and the size of the labels.
        seed: The draw.

    Returns:
        The data; columns i and i + pairs are a pair.
    """
    half, count = angle(setting.kappa) / 2, setting.pairs
    eye = torch.eye(2 * count, dtype=torch.float64)
    along, across = math.cos(half) * eye[:, :count], math.sin(half) * eye[:, count:]
    source = draws.generator(devices.seed(what="labels of pairs", seed=seed))
    Y = setting.size * draws.normal((setting.outputs, 2 * count), source)
    return Dataset(torch.cat([along + across, along - across], 1), Y, "pairs in planes")


def network(setting: Setting, seed: int, width: int) -> TwoLayerReLU:
    """Give an antisymmetric network, whose outputs are zero at the start.

    Args:
        setting: What it is.
        seed: The draw of the data.
        width: m; an odd one is raised by one.

    Returns:
        The network.
    """
    data = points(setting, seed)
    return TwoLayerReLU(data.X, data.Y, width + width % 2, "antisymmetric")


def race(setting: Setting, seeds: Sequence[int], widths: Sequence[int]) -> Race:
    """Train networks until they arrive, and compare each with its frozen kernel.

    Args:
        setting: What they are.
        seeds: One a network.
        widths: m of each.

    Returns:
        What was seen.
    """
    found = [_raced(setting, *one) for one in zip(seeds, widths, strict=True)]
    arrived, tails, gaps = zip(*found, strict=True)
    numbers = (torch.tensor(one, dtype=torch.float64) for one in (tails, gaps))
    return Race(torch.tensor(arrived), *numbers)


def _raced(setting: Setting, seed: int, width: int) -> tuple[bool, float, float]:
    model, neurons = network(setting, seed, width), CountedNeurons([seed])
    kernel = first_kernel(model, neurons)
    values = torch.linalg.eigvalsh(kernel)
    if float(values[0]) < 1e-9 * float(values[-1]):  # some pair is told apart by no neuron
        return False, math.nan, math.inf
    spectrum = Spectrum(float(values[0]), float(values[-1]))
    method = METHODS[setting.method](spectrum)
    frozen = dynamics.frozen_residuals(
        method, kernel, -vectorise(model.Y), long_enough(method, spectrum)
    )
    norms = frozen.norm(dim=1)
    expected = int((norms < ACCURACY * norms[0]).double().argmax())
    run = _trained(model, method, neurons, PATIENCE * expected)
    if not math.isfinite(float(run.steps_to(ACCURACY)[0])) or run.residuals is None:
        return False, math.nan, math.inf
    apart = run.residuals[0, : expected + 1].nan_to_num(0.0) - frozen[: expected + 1]
    tail = tail_rate(run.residual_norms[0]) / tail_rate(norms)
    return True, tail, float(apart.norm(dim=1).max() / norms[0])


def _trained(
    model: TwoLayerReLU, method: Method, neurons: CountedNeurons, steps: int
) -> Trajectory:
    if model.width > _NARROW:
        return train_wide(model, method, neurons, steps, tolerance=ACCURACY, keep_residuals=True)
    start = neurons.draw(model)
    return train(
        model, method, start, steps, tolerance=ACCURACY, keep_residuals=True, progress=False
    )


def first_kernel(model: TwoLayerReLU, neurons: CountedNeurons) -> torch.Tensor:
    """Give the kernel of counted neurons at the start, by one pass.

    Args:
        model: The network.
        neurons: Its neurons, of one replica.

    Returns:
        H_0, shape (n, n).
    """
    _, kernel = survey(neurons.of(model, 0), Bounds(model.X.numpy()), model.factor)
    return torch.from_numpy(kernel)


def excess(setting: Setting, seeds: Sequence[int], widths: Sequence[int]) -> torch.Tensor:
    """Train networks with the theorem's own numbers, and compare each with its bound.

    Args:
        setting: What they are.
        seeds: One a network.
        widths: m of each.

    Returns:
        The largest measured value over the bound, until the run arrives or should have; shape (R,).
    """
    theorem = BOUNDS[setting.kind, setting.method]
    found = []
    for seed, width in zip(seeds, widths, strict=True):
        model = network(setting, seed, width)
        method, rate = theorem.tuning(model), theorem.rate(model)
        steps = promised(theorem, *rate)
        run = _trained(model, method, CountedNeurons([seed]), steps)
        found.append(beyond(theorem, run, [rate]))
    return torch.cat(found)


def losses(setting: Setting, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Give the derived share of its eigenvalue that each slow mode loses, times m^{1/2}.

    With k outputs a pair has k of them. A neuron of outer weights a moves by |a.c_i|, and takes
    a a^T with it when it leaves: the loss is the mean of |a.c_i| a a^T over all signs.

    Args:
        setting: The data.
        seed: The draw.

    Returns:
        Losses to first order, shape (pairs, k), and what part of the labels lies on each mode.
    """
    data, count, k = points(setting, seed), setting.pairs, setting.outputs
    pulls = torch.linalg.solve(kernels.relu_limit(data.X), data.Y.T).view(2, count, k)
    signs = 1.0 - 2.0 * (torch.arange(2**k)[:, None] >> torch.arange(k) & 1).double()
    moved = (pulls @ signs.T).abs().mean(0) / len(signs)
    taken, modes = torch.linalg.eigh(torch.einsum("pa,ai,aj->pij", moved, signs, signs))
    one, other = data.Y.view(k, 2, count).unbind(1)
    return loss(angle(setting.kappa), taken), torch.einsum("ip,pij->pj", one - other, modes)


def loss(theta: float, pull: torch.Tensor) -> torch.Tensor:
    """Give the share of its least eigenvalue that a pair loses, times m^{1/2}, to first order.

    Args:
        theta: Its angle in radians.
        pull: |c|, the sum of the steps on each of the two.

    Returns:
        The loss.
    """
    lost = pull * math.sqrt(2 * math.pi) * math.cos(theta / 2) / (4 * math.tan(theta / 2))
    share = theta * math.cos(theta) / (2 * math.pi) / kernels.pair_eigenvalue(theta)
    return share * lost


def derived_tails(setting: Setting, near: float, seeds: Sequence[int]) -> torch.Tensor:
    """Give the widths from which the tail is right, if each pair has lost its derived share.

    The tail is read as that of a run, off the recursion of its modes.

    Args:
        setting: The data and the method.
        near: How far the rate may be off.
        seeds: One a draw.

    Returns:
        Widths to a quarter of an octave, shape (R,).
    """
    least = 1 / (1 + setting.kappa)
    spectrum = Spectrum(least, 1 - least)
    method = METHODS[setting.method](spectrum)
    # A tail that has not arrived by then is too slow.
    steps = math.ceil(1.2 * long_enough(method, spectrum))
    found = []
    for seed in seeds:
        lost, slow = (one.flatten() for one in losses(setting, seed))
        one, other = points(setting, seed).Y.chunk(2, 1)
        # The fast modes have one eigenvalue, and count as one.
        weights = torch.cat([(one + other).norm()[None], slow])

        def tails(share: torch.Tensor, weights: torch.Tensor = weights) -> torch.Tensor:
            values = torch.nn.functional.pad(least * (1 - share), (1, 0), value=1 - least)
            norms = dynamics.frozen_norms(method, values, weights.expand_as(values), steps)
            return torch.tensor([tail_rate(each) for each in norms], dtype=torch.float64)

        frozen, width = float(tails(torch.zeros_like(lost)[None])), math.inf
        for tried in _TRIED.split(_TOGETHER):
            rates = tails((lost * tried[:, None] ** -0.5).clamp_max(0.99))
            right = ((rates / frozen - 1).abs() <= near).tolist()
            wrong = right.index(False) if False in right else len(right)
            width = float(tried[wrong - 1]) if wrong else width
            if wrong < len(right):
                break
        found.append(width)
    return torch.tensor(found, dtype=torch.float64)


def octaves(setting: Setting, near: float) -> int:
    """Say how far widths are searched: beyond the derived one of the largest labels to expect.

    Args:
        setting: The networks.
        near: The share of its eigenvalue that a pair may lose.

    Returns:
        Octaves from the least width.
    """
    largest = _LARGEST * setting.size * math.sqrt(setting.outputs)
    pull = torch.tensor(largest / math.sqrt(2) * (1 + setting.kappa), dtype=torch.float64)
    widest = float((loss(angle(setting.kappa), pull) / near) ** 2)
    return max(6, math.ceil(math.log2(widest / setting.least_width)) + 1)
