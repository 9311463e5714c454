"""Columns by name: chosen, joined, written and read."""

from __future__ import annotations

import re
import sys

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


def test_where_reads_words_truth_values_and_numbers_of_any_kind():
    assert TABLE.where(status="RUNNING")["width"].tolist() == [64]
    assert TABLE.where(tail=True)["width"].tolist() == [16, 64]
    for width in (16, 16.0, np.int8(16), np.float32(16)):
        assert TABLE.where(width=width)["steps"].tolist() == [3.0]
    assert len(TABLE.where(width="16")) == 0
    assert len(TABLE.where()) == len(TABLE.where({})) == 3
    # What is no number is equal to nothing.
    assert len(TABLE.where(steps=np.nan)) == 0


def test_an_entry_by_keyword_goes_before_one_by_name():
    assert TABLE.where({"width": 16}, width=64)["width"].tolist() == [64, 64]


WRONG = {
    "labels": (lambda: TABLE.where([1]), TypeError, "labels must be a mapping, got [1]: give a di"),
    "no column": (lambda: TABLE["x"], KeyError, "there is no column 'x': use one of width, status"),
    "a number": (lambda: TABLE[3], KeyError, "there is no column 3: use one of width, status, st"),
    "before the first": (lambda: TABLE.take([-1]), ValueError, "rows must lie in 0..2^53, got -1"),
    "half a row": (lambda: TABLE.take([0.5]), TypeError, "rows must be whole numbers, got 0.5: ro"),
    "one row": (lambda: TABLE.take(0), TypeError, "rows must be a sequence, got 0: give range(10)"),
    "of none": (lambda: Table({}).take([0]), ValueError, "row 0 is not there, the table has 0: co"),
    "tables": (
        lambda: Table.joined(3),
        TypeError,
        "tables must be a sequence, got 3: give a list.",
    ),
    "no table first": (
        lambda: Table.joined([{}]),
        TypeError,
        "table must be a Table, got {}: give",
    ),
    "no table last": (
        lambda: Table.joined([TABLE, 3]),
        TypeError,
        "must be a Table, got 3: give a",
    ),
    "another order": (
        lambda: Table.joined([Table(dict(reversed(TABLE.columns.items()))), TABLE]),
        ValueError,
        "columns ['tail', 'steps', 'status', 'width'] and ['width', 'status', 'steps', 'tail']",
    ),
}


@pytest.mark.parametrize(("call", "error", "message"), WRONG.values(), ids=WRONG)
def test_what_is_not_there_is_said(call, error, message):
    with pytest.raises(error, match=re.escape(message)):
        call()


def test_rows_are_taken_in_the_order_asked_for_and_as_often():
    assert TABLE.take([2, 0, 2])["width"].tolist() == [64, 16, 64]
    assert TABLE.take(np.array([1]))["status"].tolist() == ["RUNNING"]
    assert TABLE.take([2, 0]).notes == TABLE.notes


def test_records_have_types_of_python():
    first = next(iter(TABLE))
    assert first == {"width": 16, "status": "CONVERGED", "steps": 3.0, "tail": True}
    assert [type(entry) for entry in first.values()] == [int, str, float, bool]


@pytest.mark.parametrize("rows", [0, 1, 5, 6])
def test_five_records_are_shown_at_most(rows):
    lines = repr(Table({"a": np.arange(rows)})).splitlines()
    assert lines[0] == f"Table of {rows} records"
    assert lines[1:6] == [str({"a": row}) for row in range(min(rows, 5))]
    assert lines[6:] == (["... 1 more"] if rows == 6 else [])


def test_joining_keeps_the_longest_words_and_drops_the_notes():
    one, other = (Table({"a": np.array([word])}, {"n": "1"}) for word in ("b", "longer"))
    joined = Table.joined([one, other, one])
    assert joined["a"].tolist() == ["b", "longer", "b"]
    assert joined.notes == {}
    assert list(Table.joined([]).columns) == []


def test_arrow_has_the_columns_with_their_types_and_the_notes():
    arrow = TABLE.to_arrow()
    assert [str(kind) for kind in arrow.schema.types] == ["int64", "string", "double", "bool"]
    assert arrow.column_names == list(TABLE.columns)
    assert arrow.schema.metadata == {b"library": b"0"}
    assert Table(TABLE.columns).to_arrow().schema.metadata is None


def test_a_file_without_notes_has_none(tmp_path):
    Table({"a": np.array([1.5])}).write(tmp_path / "t.parquet")
    found = Table.read(tmp_path / "t.parquet")
    assert (found.notes, found["a"].tolist()) == ({}, [1.5])
    with pytest.raises(FileNotFoundError):
        Table.read(tmp_path / "other.parquet")


def test_other_records_or_notes_are_other_bytes():
    others = [TABLE.take([0, 2, 1]), Table(TABLE.columns, {"library": "1"}), Table(TABLE.columns)]
    assert len({table.to_bytes() for table in [TABLE, *others]}) == 4


@pytest.mark.parametrize(
    ("package", "call"),
    [
        ("pyarrow", TABLE.to_arrow),
        ("pyarrow", TABLE.to_bytes),
        ("pyarrow", lambda: Table.read("t.parquet")),
        ("pandas", TABLE.to_pandas),
    ],
)
def test_a_package_that_is_not_there_is_named_with_its_extra(monkeypatch, package, call):
    monkeypatch.setitem(sys.modules, package, None)
    message = rf'^{package} is not there: pip install "rootkappa\[sweep\]"\.$'
    with pytest.raises(ImportError, match=message):
        call()
