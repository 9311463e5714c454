"""Losses against torch's own, curvature against its full Hessian."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional

from rootkappa.diagnosis.losses import Squares, read

OUTPUTS = torch.linspace(-1, 1, 15, dtype=torch.float64).view(5, 3)
CLASSES = torch.tensor([0, 2, 1, 1, 0])
NUMBERS = torch.cos(OUTPUTS)
V = torch.sin(7 * OUTPUTS)

LOSSES = {
    "mse": ("mse", NUMBERS, functional.mse_loss),
    "MSELoss": (nn.MSELoss(), NUMBERS, functional.mse_loss),
    "cross_entropy": ("cross_entropy", CLASSES, functional.cross_entropy),
    "CrossEntropyLoss": (nn.CrossEntropyLoss(), CLASSES, functional.cross_entropy),
    "probabilities": ("cross_entropy", NUMBERS.softmax(1), functional.cross_entropy),
    "squares": ("squares", NUMBERS, lambda f, y: (f - y).square().sum() / 2),
    "sum": (nn.MSELoss(reduction="sum"), NUMBERS, lambda f, y: (f - y).square().sum()),
    "function": (functional.smooth_l1_loss, NUMBERS, functional.smooth_l1_loss),
}


@pytest.mark.parametrize("name", LOSSES)
def test_values_and_roots_are_those_of_the_hessian(name):
    loss, Y, oracle = LOSSES[name]
    found = read(loss, OUTPUTS, Y)
    assert found.quadratic == (name in ("mse", "MSELoss", "sum", "squares"))
    assert float(found.value(OUTPUTS)) == pytest.approx(float(oracle(OUTPUTS, Y)))
    A = torch.autograd.functional.hessian(lambda f: oracle(f.view(5, 3), Y), OUTPUTS.flatten())
    twice = found.root(found.root(V))
    torch.testing.assert_close(twice.flatten(), A @ V.flatten(), atol=1e-12, rtol=1e-9)
    torch.testing.assert_close(found.root(found.newton(found.root(V))), found.root(V))


SEGMENTS = torch.zeros(2, 3, 4, 4)
CASES = {
    "shape": (
        lambda: read("mse", OUTPUTS, NUMBERS[:, :1]),
        ValueError,
        r"\(5, 1\), which squares",
    ),
    "kind": (
        lambda: read("mse", OUTPUTS, (NUMBERS > 0)),
        TypeError,
        "Y is torch.bool, and squares",
    ),
    "list": (lambda: read("mse", OUTPUTS, [1.0]), TypeError, "Y must be a tensor, got list"),
    "nan": (lambda: read("mse", OUTPUTS, NUMBERS / 0), ValueError, "Y holds NaN or infinity"),
    "unknown": (lambda: read("hinge", OUTPUTS, NUMBERS), ValueError, "unknown loss 'hinge': use"),
    "number": (lambda: read(3, OUTPUTS, NUMBERS), ValueError, "unknown loss 3: use 'mse'"),
    "high": (
        lambda: read("cross_entropy", OUTPUTS, CLASSES + 1),
        ValueError,
        "Y holds the class 3, and the outputs have 3 classes, 0 to 2",
    ),
    "negative": (lambda: read("cross_entropy", OUTPUTS, CLASSES - 1), ValueError, "the class -1"),
    "floats": (
        lambda: read("cross_entropy", OUTPUTS, CLASSES.double()),
        ValueError,
        "give class indices, or probabilities",
    ),
    "bytes": (lambda: read("cross_entropy", OUTPUTS, CLASSES.int()), TypeError, "are torch.int32"),
    "few": (lambda: read("cross_entropy", OUTPUTS, CLASSES[:4]), ValueError, r"need \(5,\): give"),
    "scores": (
        lambda: read("cross_entropy", OUTPUTS[:, 0], CLASSES),
        ValueError,
        r"needs outputs \(n, classes\), got \(5,\)",
    ),
    "segments": (
        lambda: read("cross_entropy", SEGMENTS, torch.zeros(2, 4).long()),
        ValueError,
        r"need \(2, 4, 4\)",
    ),
    "flat": (
        lambda: read(functional.l1_loss, OUTPUTS, NUMBERS),
        ValueError,
        "no curvature in the outputs",
    ),
    "vector": (
        lambda: read(lambda f, y: (f - y).square(), OUTPUTS, NUMBERS),
        ValueError,
        r"returns torch.Size\(\[5, 3\]\), not one number",
    ),
    "device": (lambda: read("mse", OUTPUTS, NUMBERS.to("meta")), ValueError, "Y is on meta and"),
}


@pytest.mark.parametrize("case", CASES)
def test_labels_and_losses_that_do_not_fit(case):
    make, error, message = CASES[case]
    with pytest.raises(error, match=message):
        make()


def test_the_curvature_of_squares_is_one_number():
    loss = Squares(OUTPUTS, NUMBERS, 2 / 15)
    torch.testing.assert_close(loss.root(loss.root(V)), 2 / 15 * V)
