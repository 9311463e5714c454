"""Bad arguments of the rooms above: each gets one sentence with the value and the remedy."""

from __future__ import annotations

import math
import re
from fractions import Fraction

import numpy as np
import pytest
import torch

from rootkappa import (
    Batches,
    DeepLinear,
    DeepReLU,
    LinearResNet,
    Method,
    Quadratic,
    TwoLayerReLU,
    datasets,
    gradient_descent,
    heavy_ball,
    nesterov,
    theorems,
    train,
)
from rootkappa.datasets import Dataset
from rootkappa.dynamics import ConstantFriction, VanishingFriction
from rootkappa.optimizers import (
    FunctionRestart,
    GradientRestart,
    HigherMomentum,
    NesterovSchedule,
    SpeedRestart,
)
from rootkappa.problems import PartitionConstants, Spectrum
from rootkappa.theorems.liao2024provable.parameters import Parameters

X, Y = torch.ones(2, 3, dtype=torch.float64), torch.ones(1, 3, dtype=torch.float64)
NAN = torch.full_like(X, math.nan)
A, B = torch.ones(4, 2, dtype=torch.float64), torch.ones(1, 4, dtype=torch.float64)
PAIR = LinearResNet.gaussian(X, Y, 4, 2, [0, 1])

CASES = [
    (lambda: gradient_descent(0.0), ValueError, r"step size .* above 0, got 0"),
    (lambda: gradient_descent(-1.0), ValueError, r"step size .* above 0, got -1"),
    (lambda: gradient_descent(math.nan), ValueError, r"step size .* above 0, got nan"),
    (lambda: gradient_descent(math.inf), ValueError, r"step size .* finite .* got inf"),
    (lambda: heavy_ball(0.1, 1.0), ValueError, r"momentum must lie in \[0, 1\), got 1.0"),
    (lambda: heavy_ball(0.1, -0.1), ValueError, r"momentum must lie in \[0, 1\), got -0.1"),
    (lambda: nesterov(0.1, math.nan), ValueError, r"momentum must lie in \[0, 1\), got nan"),
    (lambda: DeepLinear(X, Y, 0, 2), ValueError, "width must be at least 1, got 0: raise it"),
    (lambda: DeepLinear(X, Y, 4, 0), ValueError, "depth must be at least 1, got 0: raise it"),
    (lambda: DeepLinear(X, Y, 2.5, 2), TypeError, "width must be a whole number, got 2.5"),
    (lambda: DeepLinear(X, Y, 4, 2, "he"), ValueError, "'he': choose one of gaussian, orthogonal"),
    (lambda: DeepLinear(X, Y, 1, 2, "orthogonal"), ValueError, "at least max.* = 2, got 1: widen"),
    (lambda: DeepLinear(X, Y, 4, 2).initialise([]), ValueError, "replicas must be at least 1"),
    (lambda: DeepLinear(NAN, Y, 4, 2), ValueError, "X holds 6 NaN or infinite entries: clean"),
    (lambda: DeepLinear(X, Y / 0, 4, 2), ValueError, "Y holds 3 NaN or infinite entries"),
    (lambda: DeepLinear(X[0], Y, 4, 2), ValueError, r"X must be a .*matrix .* shape \(3,\)"),
    (lambda: DeepLinear(X, Y[:, :2], 4, 2), ValueError, "X has n = 3 samples and Y has n = 2"),
    (lambda: DeepLinear(X.long(), Y, 4, 2), TypeError, r"X must hold .* torch.int64: .*X.double"),
    (lambda: DeepLinear(X.float(), Y, 4, 2), TypeError, "X is torch.float32 on cpu and Y is"),
    (lambda: LinearResNet(X, Y, A.T, B, 2), ValueError, r"A has .*\(2, 4\) .* give A as \(m, 2\)"),
    (lambda: LinearResNet(X, Y, A, B[:, :3], 2), ValueError, r"B \(1, 3\): with d = 2 .* k = 1"),
    (lambda: LinearResNet(X, Y, A[0], B, 2), ValueError, r"A must be a matrix, .* shape \(2,\)"),
    (lambda: LinearResNet(X, Y, A.float(), B, 2), TypeError, r"A is torch.float32 .* A.to\(X\)"),
    (lambda: LinearResNet(X, Y, A / 0, B, 2), ValueError, "A holds 8 NaN or infinite entries"),
    (
        lambda: LinearResNet(X, Y, A.expand(2, 4, 2), B.expand(3, 1, 4), 2),
        ValueError,
        "A has 2 replicas and B has 3: give as many",
    ),
    (lambda: LinearResNet(X, Y, A, B, 0), ValueError, "depth must be at least 1, got 0"),
    (lambda: LinearResNet(X, Y, A, B, 2, hidden_scale=-1), ValueError, "at least 0, got -1: use 0"),
    (
        lambda: LinearResNet.modified_identity(X, Y, 2, 2),
        ValueError,
        r"modified identity needs a width of at least d \+ k = 3, got 2: widen",
    ),
    (lambda: LinearResNet.identity(X, Y, 1, 2), ValueError, "width must be at least 2, got 1"),
    (lambda: LinearResNet.gaussian(X, Y, 4, 2, []), ValueError, "replicas must be at least 1"),
    (lambda: LinearResNet.gaussian(X, Y, 4, 2, [0], 0), ValueError, "input_scale .* got 0"),
    (lambda: PAIR.initialise([0]), ValueError, r"1 seeds for a model of 2 replicas: .*select"),
    (lambda: _resnet(3), ValueError, r"weights have 3 replicas and the model 2: .*select\(rows\)"),
    (lambda: Batches(0, [0, 1]), ValueError, "batch size must be at least 1, got 0"),
    (lambda: Batches(1, [0], "twice"), ValueError, "'twice': choose one of epoch, repl.*, subset"),
    (lambda: _train(batches=Batches(4, [0, 1])), ValueError, "batch size 4 exceeds the n = 3 sam"),
    (lambda: _train(batches=Batches(2, [0])), ValueError, "1 batch seeds for 2 replicas: give one"),
    (lambda: _quadratic(Batches(1, [0])), ValueError, "Quadratic has no gradient on minibatches"),
    (lambda: Quadratic(X[0]), ValueError, r"features must be a matrix .* shape \(3,\)"),
    (lambda: Quadratic.with_spectrum(-X[0]), ValueError, "eigenvalues must be at least 0, got -1"),
    (lambda: Dataset(X, Y[:, :1], "?"), ValueError, "X has n = 3 samples and Y has n = 1"),
    (lambda: datasets.gaussian(kappa=0.5), ValueError, "kappa must be .* at least 1, got 0.5"),
    (lambda: datasets.gaussian(d=9, n=4), ValueError, "samples n must be at least 9, got 4"),
    (lambda: datasets.gaussian(noise=-1), ValueError, "noise must be .* at least 0, got -1"),
    (lambda: datasets.paired(0.0), ValueError, "angle must lie .* got 0"),
    (
        lambda: datasets.load("digits", form="linear", components=65),
        ValueError,
        "61 principal components, got 65: ask for fewer",
    ),
    (lambda: _train(steps=0), ValueError, "steps must be at least 1, got 0"),
    (lambda: _train(methods=[gradient_descent(1)] * 3), ValueError, "3 methods for 2 replicas"),
    (lambda: _train(observe_at=[7]), ValueError, r"within 0..5, got \[7\]: drop"),
    (lambda: _train(chunk=0), ValueError, "chunk must be at least 1, got 0"),
    (lambda: _train(weights=[X[None]]), ValueError, r"weights have shapes \[\(1, 2, 3\)\]"),
]


def _resnet(replicas):
    return train(PAIR, gradient_descent(0.1), [torch.zeros(replicas, 4, 4)] * 2, 2)


def _quadratic(batches):
    model = Quadratic(X)
    return train(model, gradient_descent(0.1), model.initialise([0]), 2, batches=batches)


def _train(steps=5, methods=None, weights=None, **keywords):
    model = DeepLinear(X, Y, 4, 2)
    methods = methods or gradient_descent(0.1)
    return train(model, methods, weights or model.initialise([0, 1]), steps, **keywords)


@pytest.mark.parametrize(("call", "error", "message"), CASES)
def test_the_message_names_value_and_remedy(call, error, message):
    with pytest.raises(error, match=message):
        call()


HALF = [0.5, np.float32(0.5), np.array(0.5), torch.tensor(0.5), Fraction(1, 2)]
TWO = [2, 2.0, np.int64(2), np.array(2), torch.tensor(2)]
# What a frozen record keeps of a number that came as something else: a float, or an int.
KEPT = {
    "step size": (lambda x: Method(x).step_size, HALF),
    "momentum": (lambda x: Method(1, x).momentum, HALF),
    "extrapolation": (lambda x: Method(1, 0, x).extrapolation, HALF),
    "heavy ball": (lambda x: heavy_ball(1, x).momentum, HALF),
    "Nesterov": (lambda x: nesterov(1, x).extrapolation, HALF),
    "step size of higher momentum": (lambda x: HigherMomentum(x, 0, 0).step_size, HALF),
    "first coefficient": (lambda x: HigherMomentum(1, x, 0).first, HALF),
    "second coefficient": (lambda x: HigherMomentum(1, 0, x).second, HALF),
    "friction of a schedule": (lambda x: NesterovSchedule(x).r, HALF),
    "floor of a gradient rule": (lambda x: GradientRestart(x).floor, HALF),
    "floor of a function rule": (lambda x: FunctionRestart(x).floor, HALF),
    "floor of a speed rule": (lambda x: SpeedRestart(floor=x).floor, HALF),
    "patience": (lambda x: SpeedRestart(x).patience, TWO),
    "batch size": (lambda x: Batches(x, [0]).size, TWO),
    "batch seed": (lambda x: Batches(1, [x]).seeds[0], TWO),
    "friction of a flow": (lambda x: ConstantFriction(x).b, HALF),
    "vanishing friction": (lambda x: VanishingFriction(x).r, HALF),
    "least eigenvalue": (lambda x: Spectrum(x, 3).lambda_min, HALF),
    "greatest eigenvalue": (lambda x: Spectrum(0.1, x).lambda_max, HALF),
    "mu": (lambda x: PartitionConstants(x, 1, 1, 0, 0).mu, HALF),
    "L1": (lambda x: PartitionConstants(0.1, x, 1, 0, 0).L1, HALF),
    "L2": (lambda x: PartitionConstants(0.1, 1, x, 0, 0).L2, HALF),
    "G1": (lambda x: PartitionConstants(0.1, 1, 1, x, 0).G1, HALF),
    "G2": (lambda x: PartitionConstants(0.1, 1, 1, 0, x).G2, HALF),
    "friction of a theorem": (lambda x: theorems.HeavyBallFlowBound(x).friction, HALF),
    "r of a theorem": (lambda x: theorems.NesterovFlowBound(x).r, HALF),
    "delta": (lambda x: theorems.ReluHeavyBall(x).delta, HALF),
    "c": (lambda x: theorems.PartitionNesterov(x).c, HALF),
    "c of the parameters": (lambda x: Parameters(1, 2, x).c, HALF),
    "mu of the parameters": (lambda x: Parameters(x, 2).mu, HALF),
    "L1 of the parameters": (lambda x: Parameters(0.1, x).L1, HALF),
    "width": (lambda x: DeepLinear(X, Y, x, 3).width, TWO),
    "depth": (lambda x: DeepLinear(X, Y, 3, x).depth, TWO),
    "depth of a residual network": (lambda x: LinearResNet(X, Y, A, B, x).depth, TWO),
    "width of a ReLU network": (lambda x: TwoLayerReLU(X, Y, x).width, TWO),
    "leak": (lambda x: TwoLayerReLU(X, Y, 2, leak=x).leak, HALF),
    "width of a layer": (lambda x: DeepReLU(X, Y, [x, 3]).widths[0], TWO),
}


@pytest.mark.parametrize("name", KEPT)
def test_numbers_of_every_kind_are_kept_as_plain_ones(name):
    kept, given = KEPT[name]
    found = [kept(value) for value in given]
    assert found == [float(given[0])] * len(given)
    assert {type(number) for number in found} == {int if given is TWO else float}


# Each refuses what is no number at all in a sentence with the value.
NO_NUMBERS = [None, "0.5", [0.5], {}, math.nan, True]


@pytest.mark.parametrize("name", KEPT)
@pytest.mark.parametrize("value", NO_NUMBERS, ids=str)
def test_what_is_no_number_is_refused_everywhere(name, value):
    if name == "Nesterov" and value is None:
        return  # the schedule of 1983
    shown = "True" if value is True else re.escape(repr(value))
    with pytest.raises((TypeError, ValueError), match=rf"got {shown}"):
        KEPT[name][0](value)
