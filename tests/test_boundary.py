"""Bad arguments of the rooms above: each gets one sentence with the value and the remedy."""

from __future__ import annotations

import math

import pytest
import torch

from rootkappa import (
    Batches,
    DeepLinear,
    LinearResNet,
    Quadratic,
    datasets,
    gradient_descent,
    heavy_ball,
    nesterov,
    train,
)
from rootkappa.datasets import Dataset

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
    (lambda: datasets.gaussian(noise=-1), ValueError, "noise must be at least 0, got -1"),
    (lambda: datasets.near_parallel_pair(0.0), ValueError, "angle must lie .* got 0.0"),
    (lambda: datasets.digits(65), ValueError, "61 principal components, got 65: ask for fewer"),
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
