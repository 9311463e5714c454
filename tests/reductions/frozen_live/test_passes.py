"""Passes over the neurons against the model and against all pairs."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rootkappa import TwoLayerReLU, datasets
from rootkappa.reductions import CountedNeurons
from rootkappa.reductions.frozen_live.bounds import Bounds
from rootkappa.reductions.frozen_live.neurons import Block, StoredNeurons
from rootkappa.reductions.frozen_live.passes import collect, survey
from tests.reductions.frozen_live.by_hand import Plain, network


@pytest.mark.parametrize("leak", [0.0, 0.3])
@pytest.mark.parametrize(("start", "k"), [("gaussian", 1), ("antisymmetric", 2), ("bu2021", 3)])
def test_outputs_and_kernel_are_those_of_the_model(start, k, leak):
    data = datasets.sphere(d=4, n=9, k=k)
    model = TwoLayerReLU(data.X, data.Y, 3000, start, bias=True, leak=leak)
    counted = CountedNeurons([1])
    weights = model.initialise([1]) if start == "bu2021" else counted.draw(model)
    sources = [StoredNeurons(weights[0][0], weights[1][0])]
    sources += [] if start == "bu2021" else [counted.of(model, 0)]
    for neurons in sources:
        f, H = survey(neurons, Bounds(model.inputs.numpy(), leak), model.factor)
        torch.testing.assert_close(torch.from_numpy(f.T.copy())[None], model.predict(weights))
        torch.testing.assert_close(torch.from_numpy(H)[None], model.tangent_kernel(weights))


@pytest.mark.parametrize("twins", [False, True])
def test_the_pairs_within_a_bound_are_found(twins):
    net = network(30, 11, k=2, signs=False)
    bounds, block = Bounds(net.X), Block(0, net.W, net.a, 30 if twins else None)
    within = np.random.default_rng(1).random((2, 11, 2)) * 3
    found = collect(Plain([block]), bounds, net.scale, within)
    Z, wanted = net.hidden(), {}
    for first, a in ((0, net.a), (30, -net.a))[: 1 + twins]:
        for r in range(30):
            for i in range(11):
                towards = [int((Z[r, i] >= 0) != (x > 0)) for x in a[r]]
                reach = np.abs(a[r]) @ within[towards, i, [0, 1]]
                if abs(Z[r, i]) <= net.scale * reach:
                    wanted[first + r, i] = (Z[r, i], a[r], np.packbits(Z[r] >= 0))
    assert 0 < len(wanted) < 30 * 11 * (1 + twins)
    pairs = list(zip(found.r.tolist(), found.i.tolist(), strict=True))
    assert sorted(pairs) == sorted(wanted)
    for place, pair in enumerate(pairs):
        z, a, bits = wanted[pair]
        assert found.z[place] == z
        assert (found.a[place] == a).all()
        assert (found.bits[place] == bits).all()
