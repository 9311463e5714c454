"""The width from which a check holds: a scan in octaves, then a bisection, for many draws at once.

What a network does need not be monotone in its width: a tail that is too slow at one width and too
fast at a smaller one is right in between. So the width searched for is the least above all that
fail, and the scan goes over the whole range.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import torch

from rootkappa.evidence.how_wide import races, relu
from rootkappa.evidence.how_wide.networks import RELU, Setting

# Of a tail or of a whole run, from the frozen kernel.
NEAR = 0.1
OWN, BOUND = ("trains", "tail", "path"), ("bound",)
# How far each method is searched, in octaves; widths grow like the square of the labels.
_OCTAVES = {"gradient_descent": 8, "nesterov": 10, "heavy_ball": 19}
_HALVINGS = 2

Answers = Mapping[str, torch.Tensor]
Ask = Callable[[Sequence[int], Sequence[int]], Answers]


def thresholds(
    setting: Setting, checks: Sequence[str], seeds: Sequence[int]
) -> dict[str, list[float]]:
    """Find the widths from which networks pass some checks.

    Args:
        setting: What they are.
        checks: `OWN`: to arrive at all, and to follow the frozen kernel to a tenth, in the tail or
            throughout; or `BOUND`, to obey the theorem.
        seeds: One a draw.

    Returns:
        For each check a width a draw: the least that can be drawn where none fails, infinity
        where the largest does.
    """
    home = relu if setting.kind == RELU else races

    def ask(own: Sequence[int], widths: Sequence[int]) -> Answers:
        if tuple(checks) == BOUND:
            return {"bound": home.excess(setting, own, widths) <= 1}
        seen = home.race(setting, own, widths)
        followed = (seen.tail - 1).abs() <= NEAR
        return {"trains": seen.arrived, "tail": followed, "path": seen.gap <= NEAR}

    widths = [setting.least_width * 2**octave for octave in range(_octaves(setting, checks))]
    return searched(ask, checks, seeds, widths)


def _octaves(setting: Setting, checks: Sequence[str]) -> int:
    if setting.kind == RELU:
        # The derived widths of Nesterov's tail lie too far up, and all others far below.
        lower = setting.method != "gradient_descent" or tuple(checks) == BOUND
        return relu.octaves(setting, NEAR) - 2 * lower
    return _OCTAVES[setting.method] + 2 * max(0, round(math.log2(setting.size)))


def searched(
    ask: Ask, checks: Sequence[str], seeds: Sequence[int], widths: Sequence[int]
) -> dict[str, list[float]]:
    """Find where checks begin to hold for good.

    Args:
        ask: Says of seeds and widths, one a network, which checks each passes.
        checks: Which are asked about.
        seeds: One a draw.
        widths: Those of the scan, in ascending order.

    Returns:
        For each check a width a draw, to a quarter of the steps of the scan.
    """
    many = [(seed, width) for width in widths for seed in seeds]
    scan = ask(*zip(*many, strict=True))
    brackets = {}
    for check in checks:
        passed = scan[check].reshape(len(widths), len(seeds)).T.tolist()
        for seed, row in zip(seeds, passed, strict=True):
            brackets[check, seed] = _bracket(row, widths)
    for _ in range(_HALVINGS):
        _halve(ask, brackets)
    return {check: [float(brackets[check, seed][1]) for seed in seeds] for check in checks}


Bracket = tuple[float, float]


def _bracket(passed: Sequence[bool], widths: Sequence[int]) -> Bracket:
    # The last width that fails and the next; nothing lies below the first, or above the last.
    failing = [index for index, good in enumerate(passed) if not good]
    if not failing:
        return widths[0], widths[0]
    last = failing[-1]
    return widths[last], widths[last + 1] if last + 1 < len(widths) else math.inf


def _halve(ask: Ask, brackets: dict[tuple[str, int], Bracket]) -> None:
    open_ones = [place for place, (low, high) in brackets.items() if low < high < math.inf]
    if not open_ones:
        return
    middle = [round(math.sqrt(math.prod(brackets[place]))) for place in open_ones]
    seen = ask([seed for _, seed in open_ones], middle)
    for index, (place, width) in enumerate(zip(open_ones, middle, strict=True)):
        low, high = brackets[place]
        good = bool(seen[place[0]][index])
        brackets[place] = (low, width) if good else (width, high)
