"""The same bytes whoever computes and whatever was killed; one sentence where nothing helps."""

from __future__ import annotations

import contextlib
import copy
import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import pytest

from rootkappa import sweeps
from rootkappa.sweeps import SweepWarning, runner

pytestmark = pytest.mark.usefixtures("quick_processes")


@pytest.fixture(scope="module")
def wanted(original):
    return sweeps.run(original).table.to_bytes()


def files(store):
    return sorted(store.glob("*.parquet"))


def contents(store):
    return {path.name: path.read_bytes() for path in files(store)}


def test_records_come_in_the_order_of_the_axes(specification):
    table = sweeps.run(specification).table
    labels = [tuple(record.values())[:3] for record in table]
    order = [
        (width, method, seed)
        for width in (16, 32)
        for method in ("tuned", "half", "wild")
        for seed in range(4)
    ]
    assert labels == order


def test_a_grid_without_axes(specification):
    del specification["axes"]
    specification["model"]["width"] = 16
    specification["method"] = {"name": "optimal_heavy_ball"}
    result = sweeps.run(specification)
    assert len(result.table) == 1
    assert result.missing == 0


@pytest.mark.parametrize("kind", ["processes", "threads", "own processes"])
def test_every_executor_gives_the_same_bytes(specification, wanted, kind, tmp_path):
    if kind == "own processes":
        found = sweeps.run(specification, 2, tmp_path)
    else:
        context = multiprocessing.get_context("forkserver")
        pool = ThreadPoolExecutor(2) if kind == "threads" else ProcessPoolExecutor(2, context)
        with pool:
            found = sweeps.run(specification, pool, tmp_path)
    assert found.table.to_bytes() == wanted
    assert sum(found.workers.values()) == len(files(tmp_path)) == 8
    if kind != "threads":
        assert not any(str(os.getpid()) in name for name in found.workers)
    here = tmp_path / "here"
    sweeps.run(specification, None, here)
    assert contents(here) == contents(tmp_path)


def test_nothing_is_computed_twice(specification, wanted, tmp_path):
    sweeps.run(specification, store=tmp_path)
    before = contents(tmp_path)
    files(tmp_path)[3].unlink()
    damaged = files(tmp_path)[5]
    damaged.write_bytes(damaged.read_bytes()[:100])
    partly = sweeps.read(tmp_path)
    assert partly.missing == 6
    again = sweeps.run(specification, store=tmp_path)
    assert sum(again.workers.values()) == 2
    assert again.table.to_bytes() == wanted
    assert sweeps.read(tmp_path).table.to_bytes() == wanted
    assert contents(tmp_path) == before


def test_a_failing_chunk_is_reported_and_the_rest_goes_on(specification, tmp_path):
    specification["axes"]["model.width"] = [16, -1]
    with pytest.warns(
        SweepWarning, match=r"4 of 8 chunks failed, the first with ValueError: width"
    ):
        result = sweeps.run(specification, store=tmp_path)
    assert len(result.table) == result.missing == 12
    assert set(result.table["model.width"]) == {16}
    for failure in result.failures:
        assert set(failure.specification["runs"]["model.width"]) == {-1}
        with pytest.raises(ValueError, match="width"):
            sweeps.compute(failure.specification)
    with pytest.warns(SweepWarning):
        again = sweeps.run(specification, store=tmp_path)
    assert not again.workers
    assert len(again.failures) == 4


def test_what_an_executor_loses_is_given_to_it_again(specification, wanted):
    class Losing(ThreadPoolExecutor):
        lost = 3

        def submit(self, *task):
            if self.lost == 0:
                return super().submit(*task)
            self.lost -= 1
            future: Future = Future()
            future.cancel()
            future.set_running_or_notify_cancel()
            return future

    with Losing(1) as pool:
        assert sweeps.run(specification, pool).table.to_bytes() == wanted


def test_an_executor_whose_worker_was_killed(specification, tmp_path):
    context = multiprocessing.get_context("forkserver")
    with ProcessPoolExecutor(1, context) as pool:
        pool.submit(os.getpid).result()
        killed = pool.submit(os.kill, next(iter(pool._processes)), signal.SIGKILL)
        with pytest.raises(Exception, match="terminated abruptly"):
            killed.result()
        with pytest.warns(SweepWarning, match="8 of 8 chunks failed, .* worker was lost"):
            result = sweeps.run(specification, pool, tmp_path)
    assert result.missing == 24


def test_an_executor_that_was_shut_down(specification):
    pool = ThreadPoolExecutor(1)
    pool.shutdown()
    with pytest.raises(ValueError, match=r"takes no work .* it was shut down, make a new one"):
        sweeps.run(specification, pool)


@pytest.mark.parametrize("executor", ["two", 2.5, True, object()])
def test_no_executor(specification, executor):
    with pytest.raises(TypeError, match="executor must be an executor of"):
        sweeps.run(specification, executor)


def test_no_processes(specification):
    with pytest.raises(ValueError, match="number of processes must be at least 1, got 0"):
        sweeps.run(specification, 0)


def test_a_worker_with_another_version(specification, monkeypatch):
    monkeypatch.setattr(runner, "library", lambda: "0.0.9+ff")
    with pytest.warns(SweepWarning, match=r"has rootkappa .* and this is 0\.0\.9\+ff"):
        result = sweeps.run(specification)
    assert len(result.table) == 0
    assert result.missing == 24


@pytest.fixture(scope="module")
def slower(original):
    """A grid of 36 runs of some hundredths of a second, its records, and the seconds of a run."""
    slow = {**copy.deepcopy(original), "chunk": 1}
    slow["train"] |= {"steps": 400, "tolerance": 0.0}
    slow["axes"]["model.width"] = [16, 32, 48]
    started = time.perf_counter()
    records = sweeps.run(slow).table.to_bytes()
    return slow, records, (time.perf_counter() - started) / 36


@pytest.mark.system
def test_driver_killed_at_ten_moments(slower, tmp_path):
    specification, wanted, seconds = slower
    moments = random.Random(1)
    seen = {}
    for _ in range(10):
        arguments = (specification, None, tmp_path, False)
        driver = multiprocessing.get_context("forkserver").Process(
            target=sweeps.run, args=arguments
        )
        driver.start()
        while len(files(tmp_path)) == len(seen):
            time.sleep(0.005)
        time.sleep(moments.uniform(0, seconds))
        driver.kill()
        driver.join()
        assert driver.exitcode == -signal.SIGKILL
        now = contents(tmp_path)
        assert seen.items() <= now.items()
        seen = now
    found = sweeps.run(specification, None, tmp_path)
    assert sum(found.workers.values()) == 36 - len(seen) > 0
    assert found.table.to_bytes() == wanted
    assert len(files(tmp_path)) == 36


def toml(value):
    """A value on one line, in the form that the command line reads."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {toml(value[key])}" for key in value) + "}"
    return json.dumps(value)


def marked(mark):
    """The processes of this machine that were started with a mark in their environment."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark.encode() in (process / "environ").read_bytes():
                found.append(process.name)
    return found


@pytest.mark.system
@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")
def test_processes_end_with_a_driver_that_was_killed(slower, tmp_path):
    specification, wanted, _ = slower
    grid, store, mark = tmp_path / "grid.toml", tmp_path / "store", f"MARK={tmp_path}"
    grid.write_text("\n".join(f"{key} = {toml(specification[key])}" for key in specification))
    command = [sys.executable, "-m", "rootkappa", "sweep", grid, "--workers", "2", "--store", store]
    driver = subprocess.Popen(command, env={**os.environ, "MARK": str(tmp_path)})
    while not files(store):
        assert driver.poll() is None
        time.sleep(0.01)
    assert len(marked(mark)) > 2
    driver.kill()
    driver.wait()
    until = time.monotonic() + 30
    while marked(mark):
        assert time.monotonic() < until
        time.sleep(0.1)
    found = sweeps.run(specification, None, store)
    assert 0 < sum(found.workers.values()) < 36
    assert found.table.to_bytes() == wanted


@pytest.mark.system
@pytest.mark.filterwarnings("ignore::rootkappa.sweeps.SweepWarning")
def test_workers_killed_at_ten_moments(slower, tmp_path):
    specification, wanted, _ = slower
    killed, draws = [], random.Random(2)

    def kill():
        while len(killed) < 10:
            time.sleep(draws.uniform(0, 0.4))
            for victim in multiprocessing.active_children()[:1]:
                os.kill(victim.pid, signal.SIGKILL)
                killed.append(victim.pid)

    killer = threading.Thread(target=kill)
    killer.start()
    for store in map(str, range(1000)):
        while (found := sweeps.run(specification, 2, tmp_path / store)).missing:
            assert all("its process died" in failure.error for failure in found.failures)
        assert found.table.to_bytes() == wanted
        assert len(files(tmp_path / store)) == 36
        if len(killed) == 10:
            break
    killer.join()
