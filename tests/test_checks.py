"""The gate: what it returns, and the one sentence that it says."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
import torch

from rootkappa import _checks as gate

META = torch.ones(2, device="meta")
SPARSE = torch.eye(2).to_sparse()
FROZEN = np.arange(3.0)
FROZEN.flags.writeable = False
STRANGERS = [None, "0.5", True, np.True_, 1 + 2j, [0.5], {}, torch.tensor([1.0, 2.0]), ...]
NOT_FINITE = [math.nan, math.inf, -math.inf, np.float32("nan"), -(10**400), 10**400]
SCALARS = [0.5, np.float32(0.5), np.array(0.5), torch.tensor(0.5), Fraction(1, 2)]
ONE_NUMBER = {
    "number": lambda value: gate.number("x", value),
    "positive": lambda value: gate.positive("x", value),
    "at_least": lambda value: gate.at_least("x", value, 0.0),
    "within": lambda value: gate.within("x", value, 0.0, 1.0),
    "fraction": lambda value: gate.fraction("x", value),
}


@pytest.fixture(params=ONE_NUMBER)
def check(request):
    return ONE_NUMBER[request.param]


@pytest.mark.parametrize("value", SCALARS, ids=lambda value: type(value).__name__)
def test_numbers_of_every_kind_become_floats(check, value):
    assert check(value) == 0.5
    assert type(check(value)) is float


@pytest.mark.parametrize("value", STRANGERS, ids=repr)
def test_what_is_no_number_is_refused_by_name(check, value):
    with pytest.raises(TypeError, match=r"^x must be a number, got .*: give one\.$"):
        check(value)


@pytest.mark.parametrize("value", NOT_FINITE, ids=lambda value: repr(value)[:9])
def test_numbers_that_are_not_finite_are_refused(check, value):
    with pytest.raises(ValueError, match=r"^x must .*, got (nan|-?inf): .*\.$"):
        check(value)


RANGES = [
    (lambda: gate.positive("x", 0), "x must be a finite number above 0, got 0: choose one."),
    (lambda: gate.positive("x", -1e-300), "x must be a finite number above 0, got -1e-300: "),
    (lambda: gate.at_least("x", 1, 2, "add"), "x must be finite and at least 2, got 1: add."),
    (lambda: gate.within("x", 1, 0, 1, "cut"), "strictly between 0 and 1, got 1: cut."),
    (lambda: gate.fraction("x", 1), "x must lie in [0, 1), got 1.0: use 0 for none"),
    (lambda: gate.leak(1), "leak must lie in [0, 1), got 1.0: use 0 for a ReLU and less than 1"),
    (lambda: gate.count("x", 0), "x must be at least 1, got 0: raise it."),
    (lambda: gate.count("x", 1e300), "x must be at most 2^53, got 1e+300: lower it."),
    (lambda: gate.counts("x", [3, -1]), "x must lie in 0..2^53, got -1 to 3: drop the others."),
    (lambda: gate.counts("x", [math.inf]), "x must lie in 0..2^53, got inf to inf"),
    (lambda: gate.counts("x", [[1, 2]]), "vector of whole numbers, got shape (1, 2): flatten"),
    (lambda: gate.seed(-1), "seed must lie in [0, 2^63), got -1: derive one"),
    (lambda: gate.seed(10**400), "seed must lie in [0, 2^63), got 10000"),
    (lambda: gate.seeds([]), "number of replicas must be at least 1, got 0"),
    (lambda: gate.seeds([1, 2], 3), "got 2 seeds for 3 replicas: give one each."),
    (lambda: gate.choice("fruit", "fig", ["pear", "apple"]), "'fig': choose one of apple, pear."),
    (lambda: gate.choice("fruit", None, ["pear"]), "unknown fruit None: choose one of pear."),
    (lambda: gate.floating("x", [1.0, math.nan]), "x holds 1 NaN or infinite entries: clean"),
    (lambda: gate.vector("x", 3.0), "a vector with at least one entry, got shape (): reshape"),
    (lambda: gate.vector("x", []), "a vector with at least one entry, got shape (0,)"),
    (lambda: gate.vector("x", [1, 2], 3), "x must be a vector with 3 entries, got shape (2,)"),
    (lambda: gate.data([[1.0]], [1.0]), "Y must be a non-empty matrix with one column a sample"),
    (lambda: gate.data([[1.0]], [[1.0, 2.0]]), "X has n = 1 samples and Y has n = 2"),
    (lambda: gate.layers([torch.ones(1, 2, 2)], [(2, 3)]), "weights have shapes [(1, 2, 2)]"),
    (lambda: gate.layers([torch.ones(1, 2), torch.ones(2, 2)], [(2,), (2,)]), "use model.init"),
]


@pytest.mark.parametrize(("call", "message"), RANGES)
def test_values_out_of_range(call, message):
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole message is compared
        call()
    assert message in str(caught.value)
    assert str(caught.value).endswith(".")


KINDS = [
    (lambda: gate.count("x", 2.5), "x must be a whole number, got 2.5: round it."),
    (lambda: gate.count("x", math.nan), "x must be a whole number, got nan: round it."),
    (lambda: gate.count("x", "3"), "x must be a whole number, got '3': give one."),
    (lambda: gate.count("x", True), "x must be a whole number, got True: give one."),
    (lambda: gate.counts("x", [1, 1.5, 2]), "x must be whole numbers, got 1.5: round them."),
    (lambda: gate.counts("x", [math.nan]), "x must be whole numbers, got nan: round them."),
    (lambda: gate.counts("x", ["1"]), "x must hold numbers, got ['1']"),
    (lambda: gate.counts("x", [True]), "x must hold numbers, got [True]"),
    (lambda: gate.counts("x", 3), "x must be a sequence, got 3: give range(10)."),
    (lambda: gate.seed(1.7), "seed must be a whole number, got 1.7: round it."),
    (lambda: gate.seed("7"), "seed must be a whole number, got '7'"),
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
    (lambda: gate.floating("x", torch.ones(2).half()), "torch.float16: convert it with x.double()"),
    (lambda: gate.floating("x", torch.ones(2) > 0), "torch.bool: convert it with x.double()."),
    (lambda: gate.floating("x", np.ones(2, int)), "torch.int64: convert it with x.astype(float)."),
    (lambda: gate.floating("x", np.ones(2, complex)), "got torch.complex128: convert it"),
    (lambda: gate.number("x", META.sum()), "x is on the meta device and holds no numbers"),
    (
        lambda: gate.data(torch.ones(1, 2).float(), torch.ones(1, 2).double()),
        "X is torch.float32 o",
    ),
    (lambda: gate.layers(3, [(2, 3)]), "weights must be a sequence, got 3: give model.initialise"),
    (lambda: gate.instance("x", 3, str, "a word"), "x must be a str, got 3: give a word."),
]


@pytest.mark.parametrize(("call", "message"), KINDS)
def test_values_of_another_kind(call, message):
    with pytest.raises(TypeError) as caught:
        call()
    assert message in str(caught.value)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize("value", [1e3, 1000, np.int32(1000), np.array(1e3), torch.tensor(1000)])
def test_counts_and_seeds_become_ints(value):
    for found in (gate.count("steps", value), gate.seed(value)):
        assert (found, type(found)) == (1000, int)


@pytest.mark.parametrize(
    "values", [range(3), (0, 1, 2), np.arange(3), torch.arange(3), [0, 1.0, 2]]
)
def test_sequences_of_whole_numbers(values):
    assert gate.seeds(values) == [0, 1, 2]
    assert torch.equal(gate.counts("steps", values), torch.arange(3))
    assert gate.counts("steps", values[:0]).tolist() == []
    assert gate.seeds(iter(list(values))) == [0, 1, 2]


ARRAYS = [
    [0.0, 1.0, 2.0],
    (0, 1, 2),
    FROZEN,
    FROZEN[::-1][::-1],
    FROZEN.astype(">f8"),
    [torch.tensor(float(i), dtype=torch.float64) for i in range(3)],
]


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


def test_what_fits_passes():
    assert gate.choice("fruit", "pear", ("pear", "apple")) == "pear"
    assert gate.instance("x", FROZEN, np.ndarray, "an array") is FROZEN
    X, Y = gate.data([[1.0, 2.0]], np.ones((3, 2)))
    assert (X.shape, Y.shape, X.dtype) == ((1, 2), (3, 2), torch.float64)
    assert [len(layer) for layer in gate.layers([torch.ones(4, 2, 3)], [(2, 3)])] == [4]
    assert [row.tolist() for row in gate.sequence("x", np.eye(2))] == [[1, 0], [0, 1]]
