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
    (lambda: gate.counts("x", [5, 1], least=2), "x must lie in 2..2^53, got 1 to 5: drop"),
    (lambda: gate.counts("x", [2**53 + 2]), "x must lie in 0..2^53, got 9.0072e+15 to"),
    (lambda: gate.counts("x", torch.ones(2, 1)), "of whole numbers, got shape (2, 1): flatten it."),
    (lambda: gate.seeds([0, 2**63]), "seed must lie in [0, 2^63), got 9223372036854775808: derive"),
    (lambda: gate.seeds([1, 2, 3], 2), "got 3 seeds for 2 replicas: give one each."),
    (lambda: gate.seeds([]), "number of replicas must be at least 1, got 0"),
    (lambda: gate.seeds([1, 2], 3), "got 2 seeds for 3 replicas: give one each."),
    (lambda: gate.layers([torch.ones(1, 2, 2)], [(2, 3)]), "weights have shapes [(1, 2, 2)]"),
    (
        lambda: gate.layers([], []),
        "weights have shapes [], the model wants (R, rows, cols) with []",
    ),
    (
        lambda: gate.layers([torch.ones(2, 3, 4), torch.ones(3, 1, 3)], [(3, 4), (1, 3)], "starts"),
        "starts have shapes [(2, 3, 4), (3, 1, 3)], the model wants (R, rows, cols) with [(3, 4), ",
    ),
    (lambda: gate.layers([[[[math.nan]]]], [(1, 1)]), "layer 1 of weights holds 1 NaN or infinite"),
    (lambda: gate.tensors("x", [[1.0], [math.inf]]), "tensor 2 of x holds 1 NaN or infinite"),
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
    (lambda: gate.sequence("x", b"ab", "[1]"), "x must be a sequence, got b'ab': give [1]."),
    (lambda: gate.sequence("x", frozenset()), "x must be a sequence, got frozenset(): give a"),
    (lambda: gate.sequence("x", torch.tensor(3)), "x must be a sequence, got tensor(3): give a"),
    (lambda: gate.sequence("x", META), "x is on the meta device and holds no numbers"),
    (lambda: gate.tensors("x", torch.ones(2)), "a list of tensors, got Tensor of shape (2,): give"),
    (lambda: gate.tensors("x", []), "x must be a list of tensors, got []: give one tensor a layer"),
    (lambda: gate.tensors("x", [None]), "tensor 1 of x must hold numbers, got None"),
    (lambda: gate.tensors("x", np.ones(2)), "a list of tensors, got ndarray of shape (2,): give"),
    (lambda: gate.tensors("x", 3, "a start"), "x must be a sequence, got 3: give a start."),
    (lambda: gate.layers([[[[1.0]]], "ab"], [(1, 1)] * 2), "layer 2 of weights must hold numbers"),
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
    assert gate.counts("x", [0, 2**53]).tolist() == [0, 2**53]
    assert gate.seeds([7, 7], 2) == [7, 7]
    assert [tensor.tolist() for tensor in gate.tensors("x", [[1.0], (2, 3)])] == [[1.0], [2.0, 3.0]]


@pytest.mark.parametrize("replicas", [1, 2, 5])
@pytest.mark.parametrize("kind", [torch.as_tensor, np.asarray, np.ndarray.tolist])
def test_layers_of_any_kind_are_stacked_over_replicas(replicas, kind):
    arrays = [np.full((replicas, *shape), 0.5) for shape in ((3, 2), (1, 3))]
    found = gate.layers([kind(array) for array in arrays], [(3, 2), (1, 3)])
    assert [tuple(layer.shape) for layer in found] == [(replicas, 3, 2), (replicas, 1, 3)]
    assert all(layer.dtype == torch.float64 and bool((layer == 0.5).all()) for layer in found)


@pytest.mark.parametrize(
    "values",
    [torch.arange(6.0)[::2], np.arange(6)[::2], (n for n in (0, 2, 4)), {0: 0, 2: 0, 4: 0}],
)
def test_numbers_that_do_not_lie_side_by_side_keep_their_order(values):
    values = values.keys() if isinstance(values, dict) else values
    assert gate.sequence("x", values) == [0, 2, 4]


def test_what_comes_back_is_another_list():
    given = [1, 2]
    found = gate.sequence("x", given)
    found.append(3)
    assert given == [1, 2]


@pytest.mark.parametrize("kind", [torch.tensor, np.array])
def test_entries_of_a_vector_are_numbers_of_python_and_rows_stay_what_they_are(kind):
    assert [type(entry) for entry in gate.sequence("x", kind([1, 2]))] == [int, int]
    assert [type(entry) for entry in gate.sequence("x", kind([0.5]))] == [float]
    rows = gate.sequence("x", kind([[1.0, 2.0], [3.0, 4.0]]))
    assert [(type(row), row.tolist()) for row in rows] == [
        (type(kind([1])), [1.0, 2.0]),
        (type(kind([1])), [3.0, 4.0]),
    ]
