"""Device selection, seeds and the stamp."""

from __future__ import annotations

import pytest
import torch
from threadpoolctl import threadpool_info, threadpool_limits

import rootkappa
from rootkappa import devices


def test_the_argument_wins_over_the_variable(monkeypatch):
    monkeypatch.setenv(devices.DEVICE_VARIABLE, "cuda:77")
    assert devices.select("cpu") == (torch.device("cpu"), torch.float64)
    with pytest.raises(ValueError, match=r"'cuda:77' is not on this machine: use one of cpu"):
        devices.select()
    monkeypatch.delenv(devices.DEVICE_VARIABLE)
    assert devices.select() == (torch.device("cpu"), torch.float64)


def test_cuda_alone_is_the_first_card(monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert devices.available() == ["cpu", "cuda:0", "cuda:1"]
    for name, index in (("cuda", 0), ("cuda:0", 0), ("cuda:1", 1)):
        assert devices.select(name)[0] == torch.device("cuda", index)
    with pytest.raises(ValueError, match=r"'cuda:2' is not .* use one of cpu, cuda:0, cuda:1"):
        devices.select("cuda:2")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    with pytest.raises(ValueError, match="'cuda' is not on this machine: use one of cpu"):
        devices.select("cuda")


def test_mps_is_last_and_has_no_double_precision(monkeypatch):
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert devices.available()[-1] == "mps"
    assert devices.select("mps", torch.float32) == (torch.device("mps"), torch.float32)
    with pytest.raises(ValueError, match=r"'mps' has no float64: pass dtype=torch\.float32"):
        devices.select("mps")


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
        torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = True
        devices.set_up()
        assert torch.get_num_threads() == 1
        assert not torch.backends.cuda.matmul.allow_tf32
        assert not torch.backends.cudnn.allow_tf32
        monkeypatch.setenv(devices.THREADS_VARIABLE, "2")
        devices.set_up()
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_set_up_reaches_the_pools_of_numpy(monkeypatch):
    with threadpool_limits(2):
        devices.set_up()
        assert {pool["num_threads"] for pool in threadpool_info()} == {1}


@pytest.mark.parametrize("asked", ["none", "0", "-1", "1.5", "²", "", "1000000"])
def test_set_up_refuses_absurd_numbers_of_threads(monkeypatch, asked):
    monkeypatch.setenv(devices.THREADS_VARIABLE, asked)
    with pytest.raises(
        ValueError, match=rf"from 1 to \d+ on this machine, got '{asked}': leave it"
    ):
        devices.set_up()


def test_four_threads_a_core_are_the_most(monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    monkeypatch.setenv(devices.THREADS_VARIABLE, "9")
    with pytest.raises(ValueError, match="a whole number from 1 to 8 on this machine, got '9'"):
        devices.set_up()


def test_the_stamp_names_what_computes():
    stamp = devices.environment()
    assert stamp["torch"].split("+")[0] == torch.__version__.split("+")[0]
    packages = {"torch", "numpy", "scipy", "scikit-learn", "matplotlib", "numba"}
    machine = {"platform", "cpu", "cpu capability", "threads", "blas", "device", "dtype"}
    assert set(stamp) == {"python", "rootkappa"} | packages | machine
    assert (stamp["dtype"], stamp["rootkappa"]) == ("float64", rootkappa.__version__)
    assert all(stamp.values())


def test_the_stamp_says_so_where_no_kernel_is_compiled(monkeypatch):
    def absent(name):
        raise devices.metadata.PackageNotFoundError(name)

    assert devices.kernels()[0].isdigit()
    monkeypatch.setattr(devices.metadata, "version", absent)
    assert devices.kernels() == "not installed"


def test_threads_are_one_unless_asked_for(monkeypatch):
    monkeypatch.delenv(devices.THREADS_VARIABLE, raising=False)
    assert devices.threads() == 1
    monkeypatch.setenv(devices.THREADS_VARIABLE, "2")
    assert devices.threads() == 2
