"""Nesterov with its theorem's own numbers at widths from 16 to 1e7, as the moving figure shows it.

Draws are labels and weights. The inputs are those of the first draw of the chapter, so that there
is one bound, one window and one width that the theorem asks for.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, cast

import torch

from rootkappa.architectures import TwoLayerReLU
from rootkappa.dynamics import frozen_residuals
from rootkappa.evidence._curves import logarithms, paired, short
from rootkappa.evidence.two_layer_relu.networks import inputs, residuals_of
from rootkappa.kernels import relu_limit
from rootkappa.problems import Spectrum
from rootkappa.reductions import CountedNeurons
from rootkappa.theorems import ReluNesterov
from rootkappa.training import Trajectory, train, train_wide
from rootkappa.training.lifted import Lifted

WIDTHS = (*(16, 32, 64, 128, 256, 512, 1024, 4096), *(10**power for power in range(4, 8)))
SEEDS = range(20)
# Of the widest, whose neurons take a while to draw.
FEW = {10**7: 5}
STEPS, EVERY = 120, 3
THEOREM = ReluNesterov()
# From here on few pairs flip, and the reduction is the faster way.
_COUNTED = 10**4


def compact(seeds: Sequence[int] = SEEDS, widths: Sequence[int] = WIDTHS) -> str:
    """Measure all widths, and write them for the site.

    Args:
        seeds: The seeds of the draws.
        widths: The widths.

    Returns:
        JSON: the theorem's bound, window and width, and for each width what `of_width` gives.
    """
    model = network(SEEDS[0], WIDTHS[0])
    kappa = Spectrum.of(relu_limit(model.X)).kappa
    content = {
        "kappa": short(kappa),
        "draws": len(seeds),
        "every": EVERY,
        # In units of the ends of H_inf: 3/4 lambda_min, and lambda_max + 1/4 lambda_min.
        "window": [0.75, round(1 + 1 / (4 * kappa), 4)],
        "asked": float(f"{THEOREM.required_width(model):.2g}"),
        "bound": logarithms(THEOREM.bound(model, STEPS), EVERY),
        "widths": [of_width(width, seeds[: FEW.get(width)]) for width in widths],
    }
    return json.dumps(content, separators=(",", ":")) + "\n"


def of_width(width: int, seeds: Sequence[int]) -> dict[str, Any]:
    """Train networks of one width beside the recursion with the kernel of their start.

    Args:
        width: m.
        seeds: One a network.

    Returns:
        As for deep linear networks, and `draws`, how many there are; but `start` and `end`: the
        least eigenvalue of all kernels over that of H_inf, and the largest over its largest.
    """
    drawn = [_drawn(seed, width) for seed in seeds]
    found = {name: torch.stack([each[name] for each in drawn]) for name in drawn[0]}
    gap, ends = found["gap"], {"start": found["start"], "end": found["end"]}
    return {
        "width": width,
        "draws": len(seeds),
        "run": logarithms(found["run"].median(0).values, EVERY),
        "slowest": logarithms(found["run"].amax(0), EVERY),
        "frozen": logarithms(found["frozen"].median(0).values, EVERY),
        "gap": [short(gap.min()), short(gap.median()), short(gap.max())],
        **{name: [short(of[:, 0].min()), short(of[:, 1].max())] for name, of in ends.items()},
        "held": int((found["ratio"] <= 1).sum()),
    }


def network(seed: int, width: int) -> TwoLayerReLU:
    """Give a network with labels of its own on the inputs of the first draw.

    Args:
        seed: The seed of the draw.
        width: m.

    Returns:
        The network.
    """
    return TwoLayerReLU(inputs(SEEDS[0]).X, inputs(seed).Y, width)


def _drawn(seed: int, width: int) -> dict[str, torch.Tensor]:
    model = network(seed, width)
    run, first, last = _trained(model, seed)
    found = residuals_of(run)
    frozen = frozen_residuals(run.methods[0], first, found[0], STEPS)
    limit = Spectrum.of(relu_limit(model.X))
    return {
        "run": THEOREM.measured(run)[0],
        "ratio": THEOREM.worst_ratio(model, run)[0],
        "frozen": paired(frozen[None])[0],
        "gap": (found - frozen).norm(dim=1).max() / found[0].norm(),
        "start": _ends(first, limit),
        "end": _ends(last, limit),
    }


def _trained(model: TwoLayerReLU, seed: int) -> tuple[Trajectory, torch.Tensor, torch.Tensor]:
    # A run, and the kernels at its ends.
    method = THEOREM.tuning(model)
    if model.width < _COUNTED:
        start = model.initialise([seed])
        run = train(model, method, start, STEPS, keep_residuals=True, progress=False)
        return run, model.tangent_kernel(start)[0], model.tangent_kernel(list(run.weights))[0]
    neurons = CountedNeurons([seed])
    wide = train_wide(model, method, neurons, STEPS, keep_residuals=True, hand_over=False)
    state = cast(Lifted, wide.runs[0].weights).state
    if state is None:
        raise ValueError("the run was not reduced: train with hand_over=False.")
    return wide, torch.from_numpy(state.first), torch.from_numpy(state.kernel)


def _ends(kernel: torch.Tensor, limit: Spectrum) -> torch.Tensor:
    values = torch.linalg.eigvalsh(kernel)
    return torch.stack([values[0] / limit.lambda_min, values[-1] / limit.lambda_max])
