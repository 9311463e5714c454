"""Networks of the population: what they are, and what moves them."""

from __future__ import annotations

import pytest
import torch

from rootkappa.evidence.own_network.networks import NETWORKS, build


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_gives_one_number_a_sample(name):
    module, X, Y = build(name, 0)
    assert module(X).shape == Y.shape == (60, 1)
    assert {value.dtype for value in (*module.parameters(), X, Y)} == {torch.float64}


def test_weights_and_data_move_with_no_shift(monkeypatch):
    module, X, _ = build("ntk relu 400 made", 1)
    monkeypatch.setenv("ROOTKAPPA_SHIFT", "3")
    state = torch.random.get_rng_state()
    again, other, _ = build("ntk relu 400 made", 1)
    assert torch.equal(X, other)
    assert torch.equal(module.A, again.A)
    assert torch.equal(state, torch.random.get_rng_state())
