"""The chunk size follows from bytes."""

from __future__ import annotations

import pytest
import torch

from rootkappa import DeepLinear, TwoLayerReLU
from rootkappa.training import chunks
from rootkappa.training.chunks import CPU_BYTES, bytes_per_replica, replicas_together


def _network(width, dtype=torch.float64):
    return DeepLinear(torch.ones(2, 3, dtype=dtype), torch.ones(1, 3, dtype=dtype), width, 3)


def test_bytes_count_weights_and_velocities():
    assert bytes_per_replica(_network(10)) == 2 * 8 * (20 + 100 + 10)


def test_bytes_count_the_activations_of_a_relu_network():
    relu = TwoLayerReLU(torch.ones(2, 7), torch.ones(1, 7), 10)
    assert bytes_per_replica(relu) == 4 * (2 * (20 + 10) + 2 * 10 * 7)
    trained = TwoLayerReLU(torch.ones(2, 7), torch.ones(1, 7), 10, train_output=True)
    assert bytes_per_replica(trained) == 4 * (2 * (20 + 10) + 3 * 10 * 7)


@pytest.mark.parametrize(("width", "dtype"), [(300, torch.float64), (300, torch.float32)])
def test_a_chunk_fills_the_budget_without_passing_it(width, dtype):
    model = _network(width, dtype)
    size, each = replicas_together(model, 1000), bytes_per_replica(model)
    assert size * each <= CPU_BYTES < (size + 1) * each


def test_a_chunk_has_at_least_one_replica_and_at_most_all():
    assert replicas_together(_network(5000), 9) == 1
    assert replicas_together(_network(2), 9) == 9
    assert replicas_together(_network(2), 9, asked=4) == 4


def test_chunks_are_of_even_size():
    model = _network(300)
    size = replicas_together(model, 1000)
    assert replicas_together(model, 2 * size) == size
    assert replicas_together(model, size + 1) == size // 2 + 1


def test_a_graphics_card_gives_a_quarter_of_what_is_free(monkeypatch):
    asked = []

    def info(device):
        asked.append(device)
        return 1000, 8000

    monkeypatch.setattr(torch.cuda, "mem_get_info", info)
    card = torch.device("cuda", 1)
    assert chunks._budget(card) == 250
    assert asked == [card]
    for other in ("cpu", "mps"):
        assert chunks._budget(torch.device(other)) == CPU_BYTES
    assert len(asked) == 1


@pytest.mark.parametrize("asked", [0, -1])
def test_a_chunk_of_no_replica_is_refused(asked):
    with pytest.raises(ValueError, match=f"chunk must be at least 1, got {asked}"):
        replicas_together(_network(2), 9, asked)
    assert replicas_together(_network(2), 9, asked=99) == 9


@pytest.mark.parametrize(
    ("fitting", "replicas", "size"), [(4, 9, 3), (4, 8, 4), (2.9, 5, 2), (0.5, 3, 1)]
)
def test_a_chunk_is_the_evenest_that_fits(monkeypatch, fitting, replicas, size):
    model = _network(10)
    monkeypatch.setattr(chunks, "CPU_BYTES", int(fitting * bytes_per_replica(model)))
    assert replicas_together(model, replicas) == size


@pytest.mark.parametrize("asked", [1.5, "4", True])
def test_a_chunk_that_is_no_whole_number_is_refused(asked):
    with pytest.raises(TypeError, match="chunk must be a whole number, got "):
        replicas_together(_network(2), 9, asked)
    assert replicas_together(_network(2), 9, 4.0) == 4
