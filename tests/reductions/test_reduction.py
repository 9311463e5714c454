"""What every reduction asks of an optimizer, and the rank rule of its bases."""

from __future__ import annotations

import pytest
import torch

from rootkappa import nesterov
from rootkappa.optimizers import GradientRestart, HigherMomentum
from rootkappa.reductions.reduction import check_optimizer, orthonormal_basis

ZERO = [torch.zeros(1)]
PASS = [
    None,
    nesterov(0.1),
    nesterov(0.1, 0.9).with_restart(GradientRestart()),
    HigherMomentum(0.1, 0.2, 0.1),
    torch.optim.SGD,
    torch.optim.SGD(ZERO, lr=0.1, momentum=0.9, dampening=0.5),
    torch.optim.SGD(ZERO, lr=0.1, momentum=0.9, nesterov=True),
]


@pytest.mark.parametrize("optimizer", PASS, ids=lambda one: str(one)[:30])
def test_linear_combinations_of_gradients_pass(optimizer):
    check_optimizer(optimizer)
    check_optimizer(optimizer, "something")


REFUSED = [
    torch.optim.Adam,
    torch.optim.AdamW(ZERO),
    torch.optim.RMSprop(ZERO),
    torch.optim.Rprop(ZERO),
    "SGD",
    0.1,
]


@pytest.mark.parametrize("optimizer", REFUSED, ids=lambda one: str(one)[:30])
def test_what_may_leave_the_span_is_refused(optimizer):
    with pytest.raises(ValueError, match=r"is not known to stay in the span .* SGD"):
        check_optimizer(optimizer)


def test_weight_decay_is_refused_where_something_outside_is_lifted():
    groups = [{"params": ZERO, "weight_decay": 0.0}, {"params": [torch.zeros(2)]}]
    decaying = torch.optim.SGD(groups, lr=0.1, weight_decay=0.3)
    check_optimizer(decaying)
    with pytest.raises(
        ValueError, match=r"SGD has weight_decay = 0.3, which shrinks the rest, and"
    ):
        check_optimizer(decaying, "the rest")


def test_a_basis_has_the_rank_of_the_replica_with_most():
    columns = torch.zeros(2, 5, 3).double()
    columns[0, :2, :2] = torch.eye(2)
    columns[1, 0, 0] = 1
    Q = orthonormal_basis(columns)
    assert Q.shape == (2, 5, 2)
    torch.testing.assert_close(Q.mT @ Q, torch.eye(2).double().expand(2, -1, -1))
    torch.testing.assert_close(Q @ Q.mT @ columns, columns)
    # The one rule: max(m, c) eps of the largest singular value.
    tiny = torch.diag(torch.tensor([1.0, 1e-14, 1e-16]).double())[None]
    assert orthonormal_basis(tiny).shape[2] == 2
    # 1000 eps is 2.2e-13, whichever of the sides is the longer.
    for share, rank in ((3e-13, 2), (1e-13, 1)):
        columns = torch.zeros(1, 1000, 2).double()
        columns[0, 0, 0], columns[0, 1, 1] = 1, share
        assert orthonormal_basis(columns).shape[2] == rank
        assert orthonormal_basis(columns.mT).shape[2] == rank
