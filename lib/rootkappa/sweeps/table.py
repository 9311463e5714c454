"""A table of records: columns by name, in one order and with one type each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from rootkappa import _checks
from rootkappa._files import write_atomically
from rootkappa._hint import hint

Column = npt.NDArray[Any]
_SHOWN = 5


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of equal length, by name.

    Args:
        columns: One array (N,) a name: float64, int64, booleans or words.
        notes: What stands in the metadata of its file, text by name.

    Raises:
        ValueError: If the columns differ in length.

    Example:
        >>> table = Table({"width": np.array([16, 64]), "final_loss": np.array([0.1, 0.2])})
        >>> table.where(width=64)["final_loss"].tolist()
        [0.2]
    """

    columns: Mapping[str, Column]
    notes: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check the lengths.

        Raises:
            ValueError: If they differ.
        """
        lengths = {name: len(column) for name, column in self.columns.items()}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"columns have the lengths {lengths}: give one entry a record each.")

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def __getitem__(self, name: str) -> Column:
        if name not in self.columns:
            raise KeyError(f"there is no column {name!r}: {hint(name, self.columns)}")
        return self.columns[name]

    def __iter__(self) -> Iterator[dict[str, Any]]:
        cells = zip(*(column.tolist() for column in self.columns.values()), strict=True)
        return (dict(zip(self.columns, row, strict=True)) for row in cells)

    def __repr__(self) -> str:
        lines = [str(record) for record, _ in zip(self, range(_SHOWN), strict=False)]
        more = [f"... {len(self) - _SHOWN} more"] if len(self) > _SHOWN else []
        return "\n".join([f"Table of {len(self)} records", *lines, *more])

    def where(self, labels: Mapping[str, Any] | None = None, **more: Any) -> Table:
        """Choose the records with given entries.

        Args:
            labels: Entries by column, where a name is no Python word: {"model.width": 64}.
            **more: Entries by column.

        Returns:
            The records, in the same order.

        Raises:
            KeyError: If there is no such column.
        """
        kept = np.ones(len(self), dtype=bool)
        given = {} if labels is None else _checks.mapping("labels", labels, "a dict")
        for name, value in {**given, **more}.items():
            kept &= self[name] == value
        return self.take(np.flatnonzero(kept))

    def take(self, rows: Sequence[int] | npt.NDArray[np.int64]) -> Table:
        """Choose records by their places.

        Args:
            rows: The places, in the order wanted.

        Returns:
            The records.

        Raises:
            ValueError: If a place is not there.
        """
        places = _checks.counts("rows", rows).numpy()
        if places.size and places.max() >= len(self):
            raise ValueError(
                f"row {places.max()} is not there, the table has {len(self)}: count from 0."
            )
        return Table({name: column[places] for name, column in self.columns.items()}, self.notes)

    @classmethod
    def joined(cls, tables: Sequence[Table]) -> Table:
        """Put tables with the same columns one below the other.

        Args:
            tables: The tables.

        Returns:
            One table, without notes.

        Raises:
            ValueError: If the columns differ.
        """
        given = _checks.sequence("tables", tables)
        names = list(_checks.instance("table", given[0], Table, "a Table").columns) if given else []
        for table in given:
            _checks.instance("table", table, Table, "a Table")
            if list(table.columns) != names:
                raise ValueError(
                    f"columns {names} and {list(table.columns)} differ: join tables of one grid."
                )
        return cls({name: np.concatenate([table[name] for table in given]) for name in names})

    def to_arrow(self) -> Any:
        """Give the table to Arrow.

        Returns:
            A pyarrow.Table, the notes in the metadata of its schema.

        Raises:
            ImportError: If pyarrow is not there.
        """
        pyarrow = _pyarrow()
        arrays = {name: pyarrow.array(column) for name, column in self.columns.items()}
        return pyarrow.table(arrays).replace_schema_metadata(self.notes or None)

    def to_pandas(self) -> Any:
        """Give the table to pandas.

        Returns:
            A pandas.DataFrame.

        Raises:
            ImportError: If pandas is not there.
        """
        try:
            import pandas as pd
        except ImportError:
            raise ImportError('pandas is not there: pip install "rootkappa[sweep]".') from None
        return pd.DataFrame(dict(self.columns))

    def to_bytes(self) -> bytes:
        """Give the bytes of a Parquet file; the same for the same records and notes.

        Returns:
            The bytes.

        Raises:
            ImportError: If pyarrow is not there.
        """
        arrow = self.to_arrow()
        from pyarrow import parquet

        stream = BytesIO()
        parquet.write_table(arrow, stream, compression="zstd")
        return stream.getvalue()

    def write(self, path: str | Path) -> None:
        """Write a Parquet file, by rename.

        Args:
            path: The file.

        Raises:
            OSError: If it cannot be written.
            ImportError: If pyarrow is not there.
        """
        write_atomically(path, self.to_bytes())

    @classmethod
    def read(cls, path: str | Path) -> Self:
        """Read a Parquet file that `write` wrote.

        Args:
            path: The file.

        Returns:
            The table with its notes.

        Raises:
            OSError: If the file is not there.
            ValueError: If it is damaged.
            ImportError: If pyarrow is not there.
        """
        pyarrow = _pyarrow()
        from pyarrow import parquet

        data = Path(path).read_bytes()
        try:
            arrow = parquet.read_table(BytesIO(data))
        except pyarrow.ArrowException as error:
            raise ValueError(f"{path} is damaged ({error}): delete it and run again.") from error
        notes = {
            key.decode(): value.decode() for key, value in (arrow.schema.metadata or {}).items()
        }
        columns = {name: _numpy(arrow[name]) for name in arrow.column_names}
        return cls(columns, notes)


def _numpy(column: Any) -> Column:
    found: Column = column.to_numpy()
    return found.astype(str) if found.dtype == object else found


def _pyarrow() -> Any:
    try:
        import pyarrow
    except ImportError:
        raise ImportError('pyarrow is not there: pip install "rootkappa[sweep]".') from None
    return pyarrow
