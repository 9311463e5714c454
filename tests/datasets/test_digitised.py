"""The digitised curves: complete, and what the panels share."""

from __future__ import annotations

import pytest
import torch

from rootkappa.datasets import liao2024_figure_1


@pytest.mark.parametrize("panel", "abc")
def test_both_losses_have_one_start_and_fall(panel):
    curves = liao2024_figure_1(panel)
    assert [len(curve) for curve in curves.values()] == [101, 101, 100, 100]
    assert float(curves["gd"][0]) == float(curves["nag"][0])
    assert bool((curves["gd"].diff() < 0).all())
    assert float(curves["nag"][-1]) < 1e-3 * float(curves["gd"][-1])
    assert all(
        bool((curve > 0).all()) and curve.dtype == torch.float64 for curve in curves.values()
    )


def test_the_first_step_of_both_methods_is_one_of_gradient_descent():
    # They begin at rest and with one step size; the axes are calibrated to 3e-4 decades.
    curves = liao2024_figure_1("a")
    assert float(curves["gd"][1]) == pytest.approx(float(curves["nag"][1]), rel=2e-5)


def test_another_panel_is_refused():
    with pytest.raises(ValueError, match="panel"):
        liao2024_figure_1("d")


def test_u_moves_by_the_square_of_its_strength():
    # From rest x moves by eta A1^T r and u by eta A2^T (on r), with sigma_max(A2) = 0.01, 0.3 and 5.
    curves = [liao2024_figure_1(panel) for panel in "abc"]
    ratios = [float(panel["du"][0] / panel["dx"][0]) for panel in curves]
    assert ratios[1] / ratios[0] == pytest.approx(30**2, rel=0.5)
    assert ratios[2] / ratios[1] == pytest.approx((50 / 3) ** 2, rel=0.5)
