"""What the functions of a grid get of their own replica."""

from __future__ import annotations

import pytest
import torch

from rootkappa import DeepLinear, LinearResNet, Method, datasets
from rootkappa.training.cells import Cell, Starts

DATA = datasets.gaussian(d=3, k=2, n=5)
MODEL = DeepLinear(DATA.X, DATA.Y, 8, 2)
STARTS = Starts(MODEL, MODEL.initialise([0, 1, 2]))
AXES = {"factor": (2, 4), "method": ("slow", "fast"), "seed": (7, 8, 9)}


def _cell(given, **place):
    return Cell(AXES, {"factor": 1, "method": 0, "seed": 2} | place, {"factor": 4}, given, 9)


def test_the_spectrum_is_that_of_its_own_start():
    method = _cell(lambda spectrum: Method(1 / spectrum.lambda_max)).tuned(STARTS, 2)
    kernel = MODEL.tangent_kernel(MODEL.initialise([2]))[0]
    top = float(torch.linalg.eigvalsh(kernel)[-1])
    assert method.step_size == pytest.approx(1 / top, rel=1e-9)
    assert STARTS.spectra is STARTS.spectra


def test_model_and_weights_are_those_of_one_replica():
    maps = LinearResNet.gaussian(DATA.X, DATA.Y, 6, 2, range(3))
    starts = Starts(maps, maps.initialise(range(3)))
    assert torch.equal(starts.offer("model", 1).A[0], maps.A[1])
    assert torch.equal(starts.offer("problem", 2).A[0], maps.A[2])
    assert torch.equal(STARTS.offer("weights", 1)[0], MODEL.initialise([1])[0])


@pytest.mark.parametrize(
    ("tuning", "step_size"),
    [
        (Method(0.3), 0.3),
        (lambda factor: Method(1 / factor), 0.25),
        (lambda seed: Method(seed), 9.0),
        (lambda factor, seed: Method(factor * seed), 36.0),
        (lambda: Method(0.5), 0.5),
    ],
)
def test_tunings_read_labels(tuning, step_size):
    assert _cell(tuning).tuned(STARTS, 0).step_size == step_size


def test_steps_read_the_method_too():
    cell = _cell(Method(0.5))
    assert (
        cell.length(lambda method, factor: factor / method.step_size, STARTS, 0, Method(0.5)) == 8
    )
    with pytest.raises(TypeError, match="steps at factor = 4, method = 'slow', seed = 9 must be a"):
        cell.length(lambda factor: factor / 3, STARTS, 0, Method(0.5))


def test_a_cell_is_called_by_its_labels():
    assert str(_cell(None, factor=0, method=1)) == "factor = 2, method = 'fast', seed = 9"
