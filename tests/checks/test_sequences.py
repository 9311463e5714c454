"""Sequences of anything, of whole numbers, of seeds, of tensors, and layers."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from rootkappa import _checks as gate

META = torch.ones(2, device="meta")
REFUSED = [
    (lambda: gate.counts("x", [3, -1]), "x must lie in 0..2^53, got -1 to 3: drop the others."),
    (lambda: gate.counts("x", [math.inf]), "x must lie in 0..2^53, got inf to inf"),
    (lambda: gate.counts("x", [[1, 2]]), "vector of whole numbers, got shape (1, 2): flatten"),
    (lambda: gate.seeds([]), "number of replicas must be at least 1, got 0"),
    (lambda: gate.seeds([1, 2], 3), "got 2 seeds for 3 replicas: give one each."),
    (lambda: gate.layers([torch.ones(1, 2, 2)], [(2, 3)]), "weights have shapes [(1, 2, 2)]"),
    (lambda: gate.layers([torch.ones(1, 2), torch.ones(2, 2)], [(2,), (2,)]), "use model.init"),
]
OF_ANOTHER_KIND = [
    (lambda: gate.counts("x", [1, 1.5, 2]), "x must be whole numbers, got 1.5: round them."),
    (lambda: gate.counts("x", [math.nan]), "x must be whole numbers, got nan: round them."),
    (lambda: gate.counts("x", ["1"]), "x must hold numbers, got ['1']"),
    (lambda: gate.counts("x", [True]), "x must hold numbers, got [True]"),
    (lambda: gate.counts("x", 3), "x must be a sequence, got 3: give range(10)."),
    (lambda: gate.seeds(5), "seeds must be a sequence, got 5: give range(8)."),
    (lambda: gate.seeds([1.7, 1.2]), "seed must be a whole number, got 1.7"),
    (lambda: gate.sequence("x", "ab"), "x must be a sequence, got 'ab': give a list."),
    (lambda: gate.sequence("x", {1: 2}), "x must be a sequence, got {1: 2}: give a list."),
    (lambda: gate.sequence("x", {3, 4}), "x must be a sequence, got {3, 4}: give a list."),
    (lambda: gate.sequence("x", None), "x must be a sequence, got None: give a list."),
    (lambda: gate.sequence("x", np.array(3)), "x must be a sequence, got array(3): give a list."),
    (lambda: gate.sequence("x", META), "x is on the meta device and holds no numbers"),
    (lambda: gate.tensors("x", torch.ones(2)), "a list of tensors, got Tensor of shape (2,): give"),
    (lambda: gate.tensors("x", []), "x must be a list of tensors, got []: give one tensor a layer"),
    (lambda: gate.tensors("x", [None]), "tensor 1 of x must hold numbers, got None"),
    (lambda: gate.layers(3, [(2, 3)]), "weights must be a sequence, got 3: give model.initialise"),
]


@pytest.mark.parametrize(("call", "message"), REFUSED)
def test_what_does_not_fit_is_refused(says, call, message):
    says(call, ValueError, message)


@pytest.mark.parametrize(("call", "message"), OF_ANOTHER_KIND)
def test_what_is_of_another_kind_is_refused(says, call, message):
    says(call, TypeError, message)


@pytest.mark.parametrize(
    "values", [range(3), (0, 1, 2), np.arange(3), torch.arange(3), [0, 1.0, 2]]
)
def test_sequences_of_whole_numbers(values):
    assert gate.seeds(values) == [0, 1, 2]
    assert torch.equal(gate.counts("steps", values), torch.arange(3))
    assert gate.counts("steps", values[:0]).tolist() == []
    assert gate.seeds(iter(list(values))) == [0, 1, 2]


def test_what_fits_passes():
    assert [len(layer) for layer in gate.layers([torch.ones(4, 2, 3)], [(2, 3)])] == [4]
    assert [row.tolist() for row in gate.sequence("x", np.eye(2))] == [[1, 0], [0, 1]]
    assert gate.counts("x", [2], least=2).tolist() == [2]
