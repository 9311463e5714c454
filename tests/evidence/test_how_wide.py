"""Widths: the search, the races against plain loops, the drift's limits, and the stored widths."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import torch

from rootkappa import ledger
from rootkappa.evidence.deep_linear.networks import METHODS, inputs, labels
from rootkappa.evidence.how_wide import drift, energy, forms, letters, population, races
from rootkappa.evidence.how_wide.networks import KINDS, Setting, drawn
from rootkappa.evidence.how_wide.thresholds import OWN, searched
from rootkappa.optimizers import gradient_descent
from rootkappa.problems import Spectrum
from rootkappa.reductions import sample_krylov, sample_linear_resnet, sample_orthogonal

BOOK = Path(__file__).resolve().parents[2] / "book"
STORE = BOOK / "data" / "how_wide.parquet"


def test_claims_with_a_pilot_are_measured_on_the_draws_of_the_chapter():
    cell = (BOOK / "how-wide.md").read_text("utf-8").split("## Parameters")[1].split("```")[1]
    chosen = {}
    exec(cell.partition("\n")[2], chosen)
    claims = ledger.read_claims(BOOK / "claims.toml")
    for name, draws in (
        ("relu-tail", chosen["along_pairs"]),
        ("drift-and-momentum", chosen["others"]),
        ("krylov-error", chosen["others"][:20]),
    ):
        asked = claims[f"how-wide/{name}"].population
        assert (asked.first, asked.draws) == (draws[0], len(draws)), name


def test_the_search_finds_the_last_width_that_fails():
    # Draw 0 fails below 100; draw 1 passes at 20 by chance, but fails again up to 300; draw 2
    # always passes, and draw 3 never does.
    def ask(seeds, widths):
        good = {
            0: lambda m: m >= 100,
            1: lambda m: m == 20 or m > 300,
            2: lambda m: True,
            3: lambda m: False,
        }
        return {"a": torch.tensor([good[s](m) for s, m in zip(seeds, widths, strict=True)])}

    found = searched(ask, ["a"], range(4), [10 * 2**j for j in range(8)])["a"]
    assert 100 <= found[0] < 100 * 2**0.25
    assert 300 < found[1] < 301 * 2**0.25
    assert found[2:] == [10.0, math.inf]


def test_networks_of_any_width_are_those_of_the_library():
    X, widths = inputs(64), [70, 5000]
    Y = labels(X, [3, 4])
    for kind in KINDS:
        model, start = drawn(Setting(kind), [3, 4], widths)
        kernels = model.tangent_kernel(start)
        for i, (seed, m) in enumerate(zip([3, 4], widths, strict=True)):
            one = {
                "orthogonal": lambda seed=seed, m=m, y=Y[i]: sample_orthogonal(X, y, m, 3, [seed]),
                "gaussian": lambda seed=seed, m=m, y=Y[i]: sample_krylov(X, y, m, [seed], 2),
                "resnet": lambda seed=seed, m=m, y=Y[i]: sample_linear_resnet(
                    X, y, m, 3, [seed], (m / 3) ** 0.25, (m / 3) ** 0.25
                ),
            }[kind]()
            own = one.model.tangent_kernel(one.weights)[0]
            # A ResNet's hidden weights are not divided, so its kernel is.
            torch.testing.assert_close(kernels[i], own / m if kind == "resnet" else own)
            first = one.model.residual(one.weights)[0] / math.sqrt(m)
            torch.testing.assert_close(model.residual(start)[i], first)


def looped(method, residual, gradient, start, steps):
    """Norms of the residual of a plain loop, and the residuals."""
    eta, beta, gamma = method.coefficients(0)
    before = now = start
    seen = []
    for _ in range(steps + 1):
        ahead = [w + gamma * (w - v) for w, v in zip(now, before, strict=True)]
        seen.append(residual(ahead))
        after = [
            w + beta * (w - v) - eta * g
            for w, v, g in zip(now, before, gradient(ahead), strict=True)
        ]
        before, now = now, after
    return torch.stack(seen)


@pytest.mark.parametrize("method", METHODS)
def test_thresholds_are_those_of_plain_loops(method):
    # One network of width 40, in its own form, beside its frozen kernel.
    setting = Setting(method=method, kappa=9)
    seen = races.race(setting, [5], [40])
    X = inputs(9)
    Y = labels(X, [5])[0]
    one = sample_orthogonal(X, Y, 40, 3, [5])
    kernel = one.model.tangent_kernel(one.weights)[0]
    tuned = METHODS[method](Spectrum.of(kernel))

    def xi(layers):
        return one.model.residual(layers)[0].T.flatten()

    run = looped(tuned, xi, one.model.gradient, one.weights, 400)
    flat = looped(tuned, lambda w: w[0], lambda w: [kernel @ w[0]], [run[0]], 400)

    def window(path):
        norms = path.norm(dim=1) / path[0].norm()
        first, last = (int((norms < x).double().argmax()) for x in (races.TAIL, races.ACCURACY))
        t = torch.arange(first, last + 1).double()
        design = torch.stack([torch.ones_like(t), t], 1)
        return float(
            torch.linalg.lstsq(design, norms[first : last + 1].log()[:, None]).solution[1]
        ), last

    (slope, last), (frozen, expected) = window(run), window(flat)
    assert bool(seen.arrived[0]) == (last <= races.PATIENCE * expected)
    assert float(seen.tail[0]) == pytest.approx(slope / frozen, rel=1e-6)
    gap = ((run - flat).norm(dim=1) / flat[0].norm())[: expected + 1].max()
    assert float(seen.gap[0]) == pytest.approx(float(gap), rel=0.02)


def test_in_the_flow_the_moves_are_those_of_the_integral():
    # Small steps: A + A^T = M^T M, and M = (C - Z)/L at the end, whatever the spectrum.
    overlap, target = torch.randn(
        2, 1, 2, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0)
    )
    X = torch.diag(torch.tensor([1.0, 0.8, 0.6], dtype=torch.float64))
    moved = drift.moves(X, overlap, target, 4, [gradient_descent(2e-3)], 4000)
    M = moved.first
    torch.testing.assert_close(M, (overlap - target) / 4, rtol=1e-2, atol=1e-3)
    torch.testing.assert_close(moved.below + moved.below.mT, M.mT @ M, rtol=0.02, atol=2e-2)
    torch.testing.assert_close(moved.above + moved.above.mT, M @ M.mT, rtol=0.02, atol=2e-2)


def test_a_tail_tolerates_a_tenth_of_gradient_descent_and_a_ninth_of_nesterov():
    # 1 - eta lambda has the rate eta lambda; Nesterov's slowest mode is overdamped below 8/9.
    descent, nesterov = (
        drift.tolerated_loss(Setting(method=name, kappa=4096), 0.1)
        for name in ("gradient_descent", "nesterov")
    )
    assert descent == pytest.approx(0.1, rel=1e-3)
    assert 1 / 9 < nesterov < 0.14


CHEAP = [
    (forms.width_is_label_size, "deviation", 1e-11),
    (letters.krylov_exact_steps, "until", 1e-12),
    (letters.krylov_blocks, "ratio", 1.0),
    (drift.drift_constant, "gaussian", 3e-3),
    (drift.drift_constant, "orthogonal", 1e-3),
    (energy.heavy_ball_balance, "gap", 1e-11),
]


@pytest.mark.parametrize(
    ("measure", "name", "most"), CHEAP, ids=lambda one: getattr(one, "__name__", "")
)
def test_identities_hold_on_other_draws_and_their_controls_do_not(measure, name, most):
    found = measure(range(70, 73))
    assert max(float(x) for x in found.measured[name]) <= most
    assert min(float(x) for x in found.control.measured[name]) > most


def test_a_block_of_the_stored_widths_is_found_again():
    widths = population.stored(STORE)
    for setting in (
        Setting(kappa=16),
        Setting("resnet", "heavy_ball", 4),
        Setting("gaussian", kappa=64),
    ):
        again = population.measured(setting, OWN, [1, 2])
        for check in OWN:
            kept = widths(setting, check, [1, 2])
            assert again.where(check=check)["width"].tolist() == kept.tolist()
    with pytest.raises(ValueError, match=r"the store has no draw 999 of tail .* ask for fewer"):
        widths(replace(Setting(), kappa=16), "tail", [999])


def test_a_path_is_looked_at_where_no_longer_run_beside_it_matters():
    few, many = races._looks(500), races._looks(10**6)
    assert many[: len(few)] == few
    assert max(b / a for a, b in pairwise(many[32:])) < 1.04
