"""Every row of the table of equivalent forms, and the row that differs."""

from __future__ import annotations

import pytest
import torch

from rootkappa import DeepLinear, datasets, heavy_ball, nesterov, train
from rootkappa.optimizers import FORMS

STEPS, ETA, BETA = 200, 0.15, 0.8


@pytest.fixture(scope="module")
def network():
    data = datasets.gaussian(d=4, k=2, n=6, kappa=9)
    return DeepLinear(data.X, data.Y, width=8, depth=2)


def _flat_gradient(model):
    shapes = model.shapes

    def gradient(flat):
        layers, start = [], 0
        for rows, cols in shapes:
            layers.append(flat[start : start + rows * cols].reshape(1, rows, cols))
            start += rows * cols
        return torch.cat([layer.flatten() for layer in model.gradient(layers)])

    return gradient


@pytest.mark.parametrize("form", FORMS, ids=lambda form: f"{form.method}: {form.name}")
def test_the_form_is_the_family_read_at_its_evaluation_point(form, network):
    method = {"heavy ball": heavy_ball, "Nesterov": nesterov}[form.method](ETA, BETA)
    weights = network.initialise([0])
    start = torch.cat([layer.flatten() for layer in weights])
    points = form.run(_flat_gradient(network), start, ETA, BETA, STEPS)
    assert len(points) == STEPS + 1
    run = train(network, method, weights, STEPS)
    ours = torch.cat([layer.flatten() for layer in run.weights])
    early = train(network, method, weights, 5)
    ours_early = torch.cat([layer.flatten() for layer in early.weights])
    assert bool((ours - points[-1]).norm() < 1e-12 * ours.norm()) is form.same
    assert bool((ours_early - points[5]).norm() < 1e-12 * ours.norm()) is form.same
