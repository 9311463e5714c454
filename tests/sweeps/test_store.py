"""A folder with a file a chunk: what it refuses, and what stays when the disk takes no more."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import subprocess

import numpy as np
import pytest

from rootkappa import sweeps
from rootkappa.sweeps import Grid, Table
from rootkappa.sweeps import store as module
from rootkappa.sweeps._library import library
from rootkappa.sweeps.store import Store


@pytest.fixture
def filled(specification, tmp_path):
    specification["train"]["steps"] = 20
    sweeps.run(specification, store=tmp_path / "store")
    return tmp_path / "store"


def test_another_grid(specification, filled):
    specification["axes"]["model.width"] = [16, 64]
    specification["data"]["kappa"] = 4.0
    with pytest.raises(
        ValueError, match=r"holds another grid, which differs in data, axes: choose"
    ):
        sweeps.run(specification, store=filled)


def test_another_version_is_read_but_not_mixed(specification, filled, monkeypatch):
    before = sweeps.read(filled)
    monkeypatch.setattr(module, "library", lambda: "9.9.9+00")
    with pytest.raises(ValueError, match=r"was written by rootkappa 0.* and this is 9\.9\.9\+00"):
        sweeps.run(specification, store=filled)
    again = sweeps.read(filled)
    assert again.library == before.library == library()
    assert again.table.to_bytes() == before.table.to_bytes()


def test_no_store(specification, tmp_path):
    with pytest.raises(ValueError, match=r"is no store of a sweep, its sweep\.json cannot be read"):
        sweeps.read(tmp_path)
    (tmp_path / "sweep.json").write_text("{")
    with pytest.raises(ValueError, match="is no store of a sweep"):
        sweeps.run(specification, store=tmp_path)
    (tmp_path / "sweep.json").unlink()
    (tmp_path / "else.parquet").write_bytes(b"")
    with pytest.raises(ValueError, match=r"holds Parquet files but no sweep\.json"):
        sweeps.run(specification, store=tmp_path)
    with pytest.raises(
        OSError, match=r"cannot make the folder .*else\.parquet.*choose one that you"
    ):
        sweeps.run(specification, store=tmp_path / "else.parquet" / "store")


def test_a_file_says_what_it_holds(specification, filled):
    grid = Grid(specification)
    store = Store.existing(filled)
    for chunk in grid.chunks:
        table = store.get(chunk)
        assert json.loads(table.notes["specification"]) == chunk.specification
        assert table.notes["library"] == store.library == library()
        assert json.loads(table.notes["environment"])["threads"] == "1"
        assert "seconds" not in table.columns
    assert len({path.name for path in filled.glob("*.parquet")}) == len(grid.chunks)


def test_versions_of_the_library_share_no_file(specification, tmp_path):
    grid = Grid(specification)
    one, other = (Store(tmp_path, grid.specification, version) for version in ("1", "2"))
    table = Table({"seed": np.array([7])})
    for chunk in grid.chunks:
        one.add(chunk, table)
        assert one.get(chunk)["seed"].tolist() == [7]
        assert other.get(chunk) is None


@contextlib.contextmanager
def small_files(limit):
    """Let this process write no file of more bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def stay(store):
    return {path.name: path.read_bytes() for path in store.glob("*.parquet")}


def test_a_file_that_is_too_large_for_the_disk(specification, tmp_path):
    store = tmp_path / "store"
    specification["train"]["steps"] = 5
    # Chunks of one run, and at the end one of many, which is larger.
    specification["axes"]["seed"] = list(range(3))
    sizes = [
        len(sweeps.compute(chunk.specification).table.to_bytes())
        for chunk in Grid(specification).chunks
    ]
    message = r"^cannot write .*File too large.* chunks that are stored stay, and another run cont"
    with small_files(max(sizes) - 1), pytest.raises(OSError, match=message):
        sweeps.run(specification, store=store)
    before = stay(store)
    assert len(before) < len(sizes)
    assert not [path for path in store.iterdir() if path.suffix not in (".parquet", ".json")]
    found = sweeps.run(specification, store=store)
    assert found.missing == 0
    assert before.items() <= stay(store).items()


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 64 KiB, where the tests may mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)]
    if os.getuid() or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("needs the right to mount a small disk")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk(specification, small_disk):
    specification["axes"]["seed"] = list(range(20))
    with pytest.raises(OSError, match=r"No space left on device.* that are stored stay") as caught:
        sweeps.run(specification, store=small_disk / "store")
    there = stay(small_disk / "store")
    assert f"The {len(there)} chunks" in str(caught.value)
    assert there
    for name in there:
        Table.read(small_disk / "store" / name)


def test_a_read_only_disk(specification, small_disk, filled):
    specification["axes"]["seed"] = [0, 1]
    sweeps.run(specification, store=small_disk / "store")
    next((small_disk / "store").glob("*.parquet")).unlink()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    before = stay(small_disk / "store")
    with pytest.raises(OSError, match=r"Read-only file system.* that are stored stay"):
        sweeps.run(specification, store=small_disk / "store")
    with pytest.raises(OSError, match=r"cannot make the folder .*Read-only file system"):
        sweeps.run(specification, store=small_disk / "other")
    assert stay(small_disk / "store") == before
    assert sweeps.read(small_disk / "store").missing > 0


def test_a_grid_that_says_the_same_in_another_order_goes_on(specification, filled):
    turned = dict(reversed(specification.items()))
    turned["data"] = dict(reversed(specification["data"].items()))
    found = sweeps.run(turned, store=filled)
    assert (found.workers, found.missing) == ({}, 0)


@pytest.mark.parametrize(
    ("path", "value", "names"),
    [
        ("chunk", 3, "chunk"),
        ("seed", 1, "seed"),
        ("train", {"steps": 21}, "train"),
        ("measure", {"kernel": True, "steps_to": [0.5]}, "measure"),
        ("model", {"name": "DeepLinear", "depth": 2.0}, "model"),
    ],
)
def test_each_part_that_differs_is_named(specification, tmp_path, path, value, names):
    Store.open(tmp_path, Grid(specification))
    specification[path] = value
    message = (
        rf"^the store .* holds another grid, which differs in {names}: choose another folder\.$"
    )
    with pytest.raises(ValueError, match=message):
        Store.open(tmp_path, Grid(specification))


@pytest.mark.parametrize(
    "manifest",
    [b"", b"[]", b"3", b"null", b"{}", b'{"grid": {}}', b'{"library": "1"}', b"\xff\xfe", b"\x80"],
)
def test_a_manifest_that_is_none_gets_one_sentence(specification, tmp_path, manifest):
    (tmp_path / "sweep.json").write_bytes(manifest)
    message = r"is no store of a sweep, its sweep\.json cannot be read \(.*\): name the folder that"
    for use in (sweeps.read, lambda store: sweeps.run(specification, store=store)):
        with pytest.raises(ValueError, match=message):
            use(tmp_path)
    assert (tmp_path / "sweep.json").read_bytes() == manifest


def test_a_new_store_holds_its_grid_before_any_record(specification, tmp_path):
    grid = Grid(specification)
    made = Store.open(tmp_path / "a" / "b", grid)
    again = Store.open(str(tmp_path / "a" / "b"), grid)
    assert again == made == Store.existing(tmp_path / "a" / "b")
    assert (made.specification, made.library) == (grid.specification, library())
    assert made.tables() == []
    assert made.get(grid.chunks[0]) is None
    found = sweeps.read(tmp_path / "a" / "b")
    assert (found.missing, len(found.table), found.failures, found.workers) == (24, 0, (), None)


def test_a_folder_with_other_files_becomes_a_store_and_keeps_them(specification, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    Store.open(tmp_path, Grid(specification))
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_files_that_are_damaged_are_left_out_of_all_that_are_there(specification, filled):
    grid = Grid(specification)
    store = Store.existing(filled)
    whole = store.tables()
    next(iter(sorted(filled.glob("*.parquet")))).write_bytes(b"PAR1")
    assert len(store.tables()) == len(whole) - 1 == len(grid.chunks) - 1
    assert sum(store.get(chunk) is None for chunk in grid.chunks) == 1
