"""Columns by name: chosen, joined, written and read."""

from __future__ import annotations

import numpy as np
import pytest

from rootkappa.sweeps import Table

TABLE = Table(
    {
        "width": np.array([16, 64, 64]),
        "status": np.array(["CONVERGED", "RUNNING", "CONVERGED"]),
        "steps": np.array([3.0, np.inf, np.nan]),
        "tail": np.array([True, False, True]),
    },
    {"library": "0"},
)


def same(one, other):
    assert list(one.columns) == list(other.columns)
    for name in one.columns:
        np.testing.assert_array_equal(one[name], other[name])
        assert one[name].dtype.kind == other[name].dtype.kind


def test_where():
    assert TABLE.where(width=64)["steps"].tolist()[0] == np.inf
    assert len(TABLE.where({"width": 64}, status="CONVERGED")) == 1
    assert len(TABLE.where(width=3)) == 0
    assert TABLE.where(width=64).notes == TABLE.notes
    with pytest.raises(ValueError, match="row 3 is not there, the table has 3: count from 0"):
        TABLE.take([0, 3])
    with pytest.raises(KeyError, match="no column 'widht': did you mean 'width'"):
        TABLE.where(widht=64)


def test_records():
    assert [record["width"] for record in TABLE] == [16, 64, 64]
    assert "Table of 3 records" in repr(TABLE)
    assert "... 1 more" in repr(Table.joined([TABLE, TABLE]))
    shown = repr(Table.joined([TABLE, TABLE.take([0, 1])])).splitlines()
    assert [shown[0], len(shown)] == ["Table of 5 records", 6]


def test_joined():
    joined = Table.joined([TABLE, TABLE.take([0])])
    assert joined["width"].tolist() == [16, 64, 64, 16]
    assert len(Table.joined([])) == 0
    with pytest.raises(ValueError, match="differ: join tables of one grid"):
        Table.joined([TABLE, Table({"width": np.array([1])})])


def test_columns_of_different_lengths():
    with pytest.raises(ValueError, match=r"columns have the lengths \{'a': 1, 'b': 2\}"):
        Table({"a": np.arange(1), "b": np.arange(2)})


def test_written_and_read(tmp_path):
    TABLE.write(tmp_path / "t.parquet")
    found = Table.read(tmp_path / "t.parquet")
    same(found, TABLE)
    assert found.notes == TABLE.notes
    assert found.to_bytes() == (tmp_path / "t.parquet").read_bytes() == TABLE.to_bytes()


def test_no_records_keep_their_types(tmp_path):
    TABLE.take([]).write(tmp_path / "t.parquet")
    same(Table.read(tmp_path / "t.parquet"), TABLE.take([]))


def test_damaged(tmp_path):
    path = tmp_path / "t.parquet"
    path.write_bytes(TABLE.to_bytes()[:-9])
    with pytest.raises(ValueError, match=r"t\.parquet is damaged"):
        Table.read(path)


def test_pandas():
    pd = pytest.importorskip("pandas")
    frame = TABLE.to_pandas()
    assert frame.columns.tolist() == list(TABLE.columns)
    assert pd.isna(frame["steps"]).sum() == 1
