"""A value in a message stays on one short line."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rootkappa._checks.messages import shown

CASES = [
    ("a\nb", r"'a\nb'"),
    (np.array(3), "array(3)"),
    (torch.ones(2, 3), "Tensor of shape (2, 3)"),
    (np.ones(2), "ndarray of shape (2,)"),
    (np.ones((2, 0)), "ndarray of shape (2, 0)"),
    (torch.tensor(2.5), "tensor(2.5000)"),
    ([torch.ones(2)], "[tensor([1., 1.])]"),
    ("x" * 58, repr("x" * 58)),
    ("x" * 59, "'" + "x" * 56 + "..."),
    (type("Odd", (), {"__repr__": lambda self: "two\n  lines"})(), "two lines"),
]


@pytest.mark.parametrize(("value", "expected"), CASES, ids=[text[:12] for _, text in CASES])
def test_a_value_is_shown_on_one_line(value, expected):
    assert shown(value) == expected
