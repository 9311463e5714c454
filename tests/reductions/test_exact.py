"""One door to the reductions that are exact for ever."""

from __future__ import annotations

import pytest
import torch

from rootkappa import DeepLinear, LinearResNet, TwoLayerReLU, datasets
from rootkappa.reductions import reduce

DATA = datasets.gaussian(d=4, k=2, n=6)
WIDE = [
    LinearResNet.gaussian(DATA.X, DATA.Y, 30, 3, seeds=[0]),
    DeepLinear(DATA.X, DATA.Y, 30, 3, "orthogonal"),
]


@pytest.mark.parametrize("model", WIDE, ids=lambda model: type(model).__name__)
def test_the_narrow_network_has_the_outputs_and_the_kernel_of_the_wide_one(model):
    weights = model.initialise([0])
    reduction = reduce(model, weights)
    assert reduction.model.width == 6
    assert (reduction.exact_steps, reduction.error) == (None, None)
    for wide, narrow in (
        (model.predict(weights), reduction.model.predict(reduction.weights)),
        (model.tangent_kernel(weights), reduction.model.tangent_kernel(reduction.weights)),
    ):
        torch.testing.assert_close(wide, narrow, rtol=1e-12, atol=1e-12)


def test_what_is_not_linear_has_no_reduction():
    model = TwoLayerReLU(DATA.X, DATA.Y, 6)
    with pytest.raises(TypeError, match="no reduction is known for a TwoLayerReLU: give a Linear"):
        reduce(model, model.initialise([0]))
    with pytest.raises(TypeError, match="weights must be a sequence, got 3"):
        reduce(WIDE[0], 3)
