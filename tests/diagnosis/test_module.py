"""What is no function of its parameters is refused in one sentence."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from rootkappa.diagnosis.module import ModuleFunction, _apart
from tests.diagnosis.zoo import FLAT, Calls, perceptron


class Counter(nn.Module):
    """Its buffer grows at every pass, and its outputs with it."""

    def __init__(self):
        super().__init__()
        self.line = nn.Linear(6, 1)
        self.register_buffer("passes", torch.zeros(()))

    def forward(self, x):
        self.passes += 1
        return self.line(x) * self.passes


def _with(value, index=0):
    module = perceptron()
    with torch.no_grad():
        module[0].weight.view(-1)[index] = value
    return module


def _huge():
    module = nn.Linear(6, 1).double()
    with torch.no_grad():
        module.weight.fill_(1e308)
    return module


def _half_frozen():
    module = perceptron()
    module.requires_grad_(False)
    return module


DOUBLE = nn.Linear(6, 1).double()
CASES = {
    "no module": (lambda: (torch.sin, FLAT), TypeError, "must be a torch.nn.Module, got <built-in"),
    "dropout": (
        lambda: (nn.Sequential(DOUBLE, nn.Dropout(0.5)), FLAT),
        ValueError,
        r"two passes differ by .*: Dropout is random. Call module.eval\(\)",
    ),
    "noise": (
        lambda: (Calls(lambda parts, x: parts[0](x + torch.rand_like(x)), DOUBLE), FLAT),
        ValueError,
        "two passes differ .* the module is random or keeps a state",
    ),
    "buffer": (lambda: (Counter().double(), FLAT), ValueError, "changes its buffers: call module"),
    "tuple": (
        lambda: (Calls(lambda parts, x: (parts[0](x), x), DOUBLE), FLAT),
        TypeError,
        "returns a tuple, not a tensor: wrap it",
    ),
    "dict": (
        lambda: (Calls(lambda parts, x: {"logits": parts[0](x)}, DOUBLE), FLAT),
        TypeError,
        "returns a dict, not a tensor",
    ),
    "nothing trains": (lambda: (_half_frozen(), FLAT), ValueError, "no parameter that trains"),
    "nan": (lambda: (_with(math.nan), FLAT), ValueError, "'0.weight' holds NaN or infinity"),
    "inf": (lambda: (_with(math.inf), FLAT), ValueError, "'0.weight' holds NaN or infinity"),
    "data": (lambda: (DOUBLE, FLAT / 0), ValueError, "X holds NaN or infinity: clean the data"),
    "overflow": (lambda: (_huge(), FLAT), ValueError, "outputs hold NaN or infinity"),
    "dtype": (
        lambda: (DOUBLE, FLAT.float()),
        TypeError,
        r"X is torch.float32 and the parameters are torch.float64: call X.to\(torch.float64\)",
    ),
    "half": (lambda: (nn.Linear(6, 1).half(), FLAT.half()), TypeError, "is torch.float16, which"),
    "complex": (
        lambda: (nn.Linear(6, 1, dtype=torch.complex64), FLAT),
        TypeError,
        "is torch.complex64, which does not carry a spectrum",
    ),
    "mixed": (
        lambda: (nn.Sequential(nn.Linear(6, 2), nn.Linear(2, 1).double()), FLAT.float()),
        TypeError,
        "parameters are of torch.float32 and torch.float64: call module.double",
    ),
    "in place": (
        lambda: (Calls(lambda parts, x: parts[0](x.mul_(0.5)), DOUBLE), FLAT.clone()),
        ValueError,
        "changes its input in place",
    ),
    "rows": (
        lambda: (Calls(lambda parts, x: parts[0](x).T, DOUBLE), FLAT),
        ValueError,
        "the outputs have 1 rows for 12 samples",
    ),
    "no tensor": (lambda: (DOUBLE, FLAT.tolist()), TypeError, "a list of batches, got list"),
    "no samples": (lambda: (DOUBLE, FLAT[:0]), ValueError, r"shape \(0, 6\): give at least one"),
    "no batches": (lambda: (DOUBLE, []), ValueError, "there are no inputs"),
    "device": (
        lambda: (DOUBLE, FLAT.to("meta")),
        ValueError,
        r"X is on meta and the parameters are on cpu: call X.to\('cpu'\)",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_has_no_kernel_is_refused(case):
    make, error, message = CASES[case]
    with pytest.raises(error, match=message) as caught:
        ModuleFunction(*make())
    assert "\n" not in str(caught.value)


def test_outputs_and_size_are_those_of_the_module(kind):
    module, inputs = kind
    function = ModuleFunction(module, inputs)
    trainable = [p for p in module.parameters() if p.requires_grad]
    assert function.size == sum(p.numel() for p in trainable)
    assert function.dtype == torch.float64
    torch.testing.assert_close(function(function.parameters), module(inputs).detach())
    torch.testing.assert_close(function.outputs, module(inputs).detach())


@pytest.mark.parametrize(
    ("module", "couples"),
    [
        (nn.BatchNorm1d(6), True),
        (nn.BatchNorm1d(6).eval(), False),
        (nn.LayerNorm(6), False),
        (Calls(lambda parts, x: parts[0](x) * x.sum(), nn.Linear(6, 1)), True),
    ],
    ids=["batch norm", "eval", "layer norm", "sum"],
)
def test_samples_that_see_each_other_are_noticed(module, couples):
    assert ModuleFunction(module.double(), FLAT).couples is couples


def test_samples_that_see_each_other_are_noticed_where_both_halves_are_alike():
    less_the_mean = Calls(lambda parts, x: parts[0](x - x.mean(0)), DOUBLE)
    assert ModuleFunction(less_the_mean, FLAT[:6].repeat(2, 1)).couples


def test_where_nothing_has_a_size_a_difference_is_its_own():
    three, four = torch.tensor([3.0, 0.0]), torch.tensor([0.0, 4.0])
    assert _apart(torch.zeros(2), three + four) == 5.0
    assert _apart(three, three + four) == 4 / 3


def test_one_sample_cannot_see_another():
    assert not ModuleFunction(DOUBLE, FLAT[:1]).couples
