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


def test_u_moves_more_from_panel_to_panel():
    # sigma_max(A2) is 0.01, 0.3 and 5; the first step of u is eta A2^T on what x steps along.
    curves = [liao2024_figure_1(panel) for panel in "abc"]
    weak, middle, strong = (float(panel["du"][0] / panel["dx"][0]) for panel in curves)
    assert 1e-4 < weak < middle / 10 < strong / 100 < 1e-2
