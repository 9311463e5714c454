"""Lemma 14 against the network by NumPy, layers of one sign, and the proof's exponents."""

from __future__ import annotations

import numpy as np
import pytest

from rootkappa.evidence.deep_relu_partition import drawn, proof


def test_the_excess_by_hand():
    start = drawn(0, 4, 96)
    hidden, norms = start.model.X.numpy(), np.linalg.norm(start.model.X.numpy())
    for layer in start.weights[:-1]:
        hidden = np.maximum(layer[0].numpy() @ hidden, 0)
        norms *= 2 * np.linalg.norm(layer[0].numpy(), 2)
    # The least singular value cancels, but for the half that Lemma 14 takes of its square.
    assert proof._excess(start) == pytest.approx(2 * norms**2 / np.linalg.norm(hidden, 2) ** 2)


def test_a_layer_of_one_sign_costs_little():
    found = proof.constants(range(2))
    assert min(found.measured["per_layer"]) > 12
    assert 4 < max(found.control.measured["per_layer"]) < 6


def test_the_unrepaired_radius_fails_at_every_width():
    found = proof.proof_notes(range(2))
    assert found.measured["direct_n"] == 4.5
    assert max(found.measured["K8_repaired"]) < 1 < min(found.control.measured["K8_repaired"])
