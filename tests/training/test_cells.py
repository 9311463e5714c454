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


WRONG = {
    "no method": (lambda: _cell(lambda: 3).tuned(STARTS, 0), TypeError, "returned 3: return a Met"),
    "a class": (
        lambda: _cell(lambda: Method).tuned(STARTS, 0),
        TypeError,
        r"the tuning at factor = 4, method = 'slow', seed = 9 returned <class .*Method'>: return a",
    ),
    "of nothing": (
        lambda: _cell(lambda a, b: 3).tuned(STARTS, 0),
        TypeError,
        "a tuning has the parameter 'a', .* factor, spectrum, model, problem, weights, seed, give",
    ),
    "no steps": (
        lambda: _cell(None).length(lambda: 0, STARTS, 0, Method(0.1)),
        ValueError,
        "steps at factor = 4, method = 'slow', seed = 9 must be at least 1, got 0: raise it",
    ),
    "words": (
        lambda: _cell(None).length(lambda method: method.name, STARTS, 0, Method(0.1)),
        TypeError,
        "steps at .* must be a whole number, got '",
    ),
    "steps of nothing": (
        lambda: _cell(None).length(lambda a, b: 3, STARTS, 0, Method(0.1)),
        TypeError,
        "steps has the parameter 'a', .* weights, seed, method, give an axis",
    ),
}


@pytest.mark.parametrize(("call", "error", "message"), WRONG.values(), ids=WRONG)
def test_what_functions_give_wrongly_is_said_with_the_labels_of_the_cell(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_steps_read_the_spectrum_of_their_own_start():
    cell = _cell(Method(0.5))
    lengths = [
        cell.length(lambda s: 1e6 * s.lambda_max // 1, STARTS, row, None) for row in range(3)
    ]
    for row, length in enumerate(lengths):
        top = float(torch.linalg.eigvalsh(MODEL.tangent_kernel(MODEL.initialise([row]))[0])[-1])
        assert length == pytest.approx(1e6 * top, abs=2)
    assert len(set(lengths)) == 3


def test_a_method_is_itself_and_looks_at_no_start():
    method = Method(0.5)
    assert _cell(method).tuned(None, 0) is method
    assert _cell(lambda factor: method).tuned(None, 0) is method
    assert _cell(None).length(lambda: 1e3, None, 0, method) == 1000
