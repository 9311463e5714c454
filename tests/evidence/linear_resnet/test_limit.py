"""Tables of runs: exponents that are planted, and how methods and draws are laid out."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch

from rootkappa.evidence.linear_resnet import experiment, guarantees, limit, stacked

NAMES = [name.lower().replace(" ", "_") for name in stacked.TUNINGS]
WIDTHS = torch.tensor(limit.WIDTHS, dtype=torch.float64)


def _planted(powers):
    """Distances of every width, method and draw, shape (widths, methods, draws)."""
    return WIDTHS[:, None, None] ** torch.tensor(powers, dtype=torch.float64)


def test_of_two_tables_the_exponent_farther_from_a_half_counts():
    one = _planted([[-0.5, -0.45], [-0.5, -0.5], [-0.3, -0.5]])
    other = _planted([[-0.6, -0.5], [-0.5, -0.52], [-0.5, -0.9]])
    found = limit._exponents(one, other)
    assert found == {
        NAMES[0]: pytest.approx([-0.6, -0.45]),
        NAMES[1]: pytest.approx([-0.5, -0.52]),
        NAMES[2]: pytest.approx([-0.3, -0.9]),
    }
    assert limit._off(-0.6) == pytest.approx(0.1)


def test_the_mean_of_the_worst_method_is_told():
    value, (low, high) = limit._of_the_mean(_planted([[-0.5, -0.5], [-0.7, -0.7], [-0.4, -0.4]]))
    assert value == pytest.approx(-0.7)
    assert low <= -0.7 + 1e-9
    assert high >= -0.7 - 1e-9


def test_only_the_wide_networks_are_fitted():
    table = _planted([[-0.5], [-0.5], [-0.5]])
    table[: len(WIDTHS) - limit._WIDE] *= 100
    assert limit._fit(table[:, 0]).value == pytest.approx(-0.5)


def test_numbers_are_named_after_their_methods():
    assert stacked.by_method([[1.0, 2.0], [3.0], [4.0]]) == dict(
        zip(NAMES, ([1.0, 2.0], [3.0], [4.0]), strict=True)
    )
    laid = stacked.of_draws(torch.arange(12.0).reshape(2, 3, 2))
    assert [of.tolist() for of in laid.values()] == [
        [[0, 6], [1, 7]],
        [[2, 8], [3, 9]],
        [[4, 10], [5, 11]],
    ]


def test_residuals_are_parted_by_method_first():
    kept = torch.arange(6.0)[:, None, None].expand(6, 4, 2)
    found = stacked.residuals(SimpleNamespace(residuals=kept), 3)
    assert found.shape == (3, 2, 4, 2)
    assert found[:, :, 0, 0].tolist() == [[0, 1], [2, 3], [4, 5]]
    with pytest.raises(ValueError, match="kept no residuals: train with keep_residuals=True"):
        stacked.residuals(SimpleNamespace(residuals=None), 3)


def test_a_stall_ends_at_the_first_loss_below_its_level():
    level, look = experiment._LEFT, experiment._STALL
    noisy = torch.full((2, look + 40), 2 * level, dtype=torch.float64)
    noisy[0, look + 5 :] = level / 2
    noisy[0, look] = 3 * level
    exact = torch.tensor([[3.0, 1.0, 2.0], [5.0, 5.0, 4.0]])
    assert experiment._stalls(noisy, exact) == {
        "stall": pytest.approx([3 * level, 2 * level]),
        "leaves": [look + 5, float("inf")],
        "without_noise": [1.0, 4.0],
    }


def test_growth_is_that_from_the_shallow_to_the_deep():
    steps = {
        experiment._SHALLOW: torch.tensor([10.0, 20.0]),
        experiment._DEEP: torch.tensor([30.0, 10.0]),
    }
    assert experiment._growth(steps) == [3.0, 0.5]


@pytest.mark.parametrize(("factor", "share"), [(0.9, 0.25), (0.95**0.5, 1.0), (1.1, float("inf"))])
def test_a_promise_is_kept_by_the_share_of_the_fall_that_it_takes(factor, share, monkeypatch):
    # The loss is promised the factor 0.95 a step.
    theorem = SimpleNamespace(rate=lambda model: ("loss", 0.95))
    monkeypatch.setattr(guarantees, "_THEOREM", theorem)
    norms = 3 * factor ** torch.arange(40, dtype=torch.float64)
    found = guarantees._promise("a model", norms)
    assert found == pytest.approx(share, rel=0.03)
