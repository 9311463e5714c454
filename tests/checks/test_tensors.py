"""Tensors of numbers, from tensors, NumPy arrays and lists."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
import torch

from rootkappa import _checks as gate

META = torch.ones(2, device="meta")
SPARSE = torch.eye(2).to_sparse()
FROZEN = np.arange(3.0)
FROZEN.flags.writeable = False
SINGLE, DOUBLE = torch.ones(1, 2).float(), torch.ones(1, 2).double()


def _nested():
    with warnings.catch_warnings(action="ignore"):  # that they are a prototype
        return torch.nested.nested_tensor([torch.ones(1), torch.ones(2)], layout=torch.jagged)


REFUSED = [
    (lambda: gate.floating("x", [1.0, math.nan]), "x holds 1 NaN or infinite entries: clean"),
    (lambda: gate.vector("x", 3.0), "a vector with at least one entry, got shape (): reshape"),
    (lambda: gate.vector("x", []), "a vector with at least one entry, got shape (0,)"),
    (lambda: gate.vector("x", [1, 2], 3), "x must be a vector with 3 entries, got shape (2,)"),
    (
        lambda: gate.vector("x", torch.ones(3, 1), 3),
        "with 3 entries, got shape (3, 1): reshape it.",
    ),
    (lambda: gate.vector("x", [], 0), "x must be a vector with 0 entries, got shape (0,): reshape"),
    (
        lambda: gate.floating("x", [[math.inf, 1.0], [math.nan, -math.inf]]),
        "x holds 3 NaN or infinite entries: clean or drop those columns first.",
    ),
    (lambda: gate.data(torch.ones(0, 2), SINGLE), "X must be a non-empty matrix with one column a"),
    (lambda: gate.data([[1.0]], [[[1.0]]]), "got shape (1, 1, 1): reshape it to (features, n)."),
    (lambda: gate.data([[1.0]], [1.0]), "Y must be a non-empty matrix with one column a sample"),
    (lambda: gate.data([[1.0]], [[1.0, 2.0]]), "X has n = 1 samples and Y has n = 2"),
]
OF_ANOTHER_KIND = [
    (lambda: gate.floating("x", None), "x must hold numbers, got None: give a tensor, a NumPy"),
    (lambda: gate.floating("x", "12"), "x must hold numbers, got '12'"),
    (lambda: gate.floating("x", ["1", "2"]), "x must hold numbers, got ['1', '2']"),
    (lambda: gate.floating("x", [True, False]), "x must hold numbers, got [True, False]"),
    (lambda: gate.floating("x", [[1.0], [1.0, 2.0]]), "x must hold numbers, got [[1.0], [1.0, 2"),
    (lambda: gate.floating("x", [torch.ones(1), torch.ones(2)]), "x must hold numbers, got [tens"),
    (lambda: gate.floating("x", np.array(["a"])), "x must hold numbers, got ndarray of shape (1,)"),
    (lambda: gate.floating("x", {"a": 1.0}), "x must hold numbers, got {'a': 1.0}"),
    (lambda: gate.floating("x", META), "x is on the meta device and holds no numbers: give real"),
    (lambda: gate.floating("x", [META]), "x is on the meta device"),
    (lambda: gate.floating("x", SPARSE), "x is a sparse tensor: pass x.to_dense()."),
    (lambda: gate.dense("x", _nested()), "x is a nested tensor: pass its parts one by one."),
    (lambda: gate.floating("x", [torch.ones(1), 3]), "x must hold numbers, got [tensor([1.]), 3]"),
    (lambda: gate.floating("x", [1 + 2j]), "x must hold numbers, got [(1+2j)]: give a tensor"),
    (lambda: gate.floating("x", [torch.ones(2).half()] * 2), "torch.float16: convert it with x.d"),
    (lambda: gate.floating("x", torch.ones(2).half()), "torch.float16: convert it with x.double()"),
    (lambda: gate.floating("x", torch.ones(2) > 0), "torch.bool: convert it with x.double()."),
    (lambda: gate.floating("x", np.ones(2, int)), "torch.int64: convert it with x.astype(float)."),
    (lambda: gate.floating("x", np.ones(2, complex)), "got torch.complex128: convert it"),
    (lambda: gate.data(SINGLE, DOUBLE), "X is torch.float32 on cpu and Y is torch.float64 on cpu"),
]
ARRAYS = [
    [0.0, 1.0, 2.0],
    (0, 1, 2),
    FROZEN,
    FROZEN[::-1][::-1],
    FROZEN.astype(">f8"),
    [torch.tensor(float(i), dtype=torch.float64) for i in range(3)],
]


@pytest.mark.parametrize(("call", "message"), REFUSED)
def test_what_does_not_fit_is_refused(says, call, message):
    says(call, ValueError, message)


@pytest.mark.parametrize(("call", "message"), OF_ANOTHER_KIND)
def test_what_holds_no_floats_is_refused(says, call, message):
    says(call, TypeError, message)


@pytest.mark.parametrize("value", ARRAYS)
def test_arrays_and_lists_become_tensors(value):
    expected = torch.arange(3, dtype=torch.float64)
    torch.testing.assert_close(gate.vector("x", value, 3), expected, rtol=0, atol=0)
    (layer,) = gate.tensors("x", [value])
    assert torch.equal(layer, expected)


def test_a_reversed_array_keeps_its_order():
    assert gate.floating("x", np.arange(3.0)[::-1]).tolist() == [2, 1, 0]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_tensor_is_returned_itself(dtype):
    tensor = torch.ones(2, 2, dtype=dtype, requires_grad=True)
    assert gate.floating("x", tensor) is tensor
    assert gate.floating("x", tensor.detach().numpy()).dtype == dtype


def test_inputs_and_labels_that_belong_together_pass():
    X, Y = gate.data([[1.0, 2.0]], np.ones((3, 2)))
    assert (X.shape, Y.shape, X.dtype) == ((1, 2), (3, 2), torch.float64)


def test_a_matrix_of_numpy_in_any_order_and_byte_order_keeps_its_entries_and_its_precision():
    given = np.arange(6.0).reshape(2, 3)
    for array in (np.asfortranarray(given), given.astype(">f8"), given[::-1][::-1]):
        assert gate.floating("x", array).tolist() == given.tolist()
    turned = gate.floating("x", given.astype(">f4").T)
    assert (turned.dtype, turned.tolist()) == (torch.float32, given.T.tolist())


def test_what_no_longer_holds_numbers_of_its_own_is_not_written_to():
    given = np.arange(3.0)
    given.flags.writeable = False
    gate.floating("x", given).zero_()
    assert given.tolist() == [0, 1, 2]


@pytest.mark.parametrize("rows", [[], [[]]])
def test_an_empty_tensor_is_dense_but_no_data(says, rows):
    assert gate.dense("x", rows).numel() == 0
    says(lambda: gate.data(rows, rows), ValueError, "X must be a non-empty matrix")


@pytest.mark.parametrize("dtype", [torch.int64, torch.bool, torch.float16, torch.complex64])
def test_numbers_of_any_dtype_are_dense_and_stay_what_they_are(dtype):
    tensor = torch.ones(2, dtype=dtype)
    assert gate.dense("x", tensor) is tensor
    assert gate.dense("x", np.ones(2, np.int32)).dtype == torch.int32
