"""Device selection, seeds and the stamp."""

from __future__ import annotations

import pytest
import torch

from rootkappa import devices


def test_the_argument_wins_over_the_variable(monkeypatch):
    monkeypatch.setenv(devices.DEVICE_VARIABLE, "cuda:77")
    assert devices.select("cpu") == (torch.device("cpu"), torch.float64)
    with pytest.raises(ValueError, match=r"'cuda:77' is not on this machine: use one of cpu"):
        devices.select()
    monkeypatch.delenv(devices.DEVICE_VARIABLE)
    assert devices.select() == (torch.device("cpu"), torch.float64)


def test_an_integer_dtype_is_refused():
    with pytest.raises(TypeError, match=r"floating-point one, got torch.int64: use torch.float64"):
        devices.select("cpu", torch.int64)


def test_seeds_are_fixed_for_ever():
    # A changed seed changes every number of the book.
    assert devices.seed(chapter="quadratics", replica=0) == 1070876918303777983
    seeds = {devices.seed(replica=replica) for replica in range(1000)}
    assert len(seeds) == 1000
    assert max(seeds) < 2**63


def test_set_up_takes_one_thread_or_what_the_variable_says(monkeypatch):
    before = torch.get_num_threads()
    try:
        monkeypatch.delenv(devices.THREADS_VARIABLE, raising=False)
        devices.set_up()
        assert torch.get_num_threads() == 1
        assert not torch.backends.cuda.matmul.allow_tf32
        monkeypatch.setenv(devices.THREADS_VARIABLE, "2")
        devices.set_up()
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("asked", ["none", "0", "-1", "1.5", "²", "", "1000000"])
def test_set_up_refuses_absurd_numbers_of_threads(monkeypatch, asked):
    monkeypatch.setenv(devices.THREADS_VARIABLE, asked)
    with pytest.raises(
        ValueError, match=rf"from 1 to \d+ on this machine, got '{asked}': leave it"
    ):
        devices.set_up()


def test_the_stamp_names_what_computes():
    stamp = devices.environment()
    assert stamp["torch"].split("+")[0] == torch.__version__.split("+")[0]
    assert {"python", "cpu", "threads", "blas", "device", "numpy"} <= set(stamp)
    assert all(stamp.values())
