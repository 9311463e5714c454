"""A folder with one Parquet file a chunk, which another run continues."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from rootkappa._files import write_atomically
from rootkappa.sweeps._library import library
from rootkappa.sweeps._plain import digest, text
from rootkappa.sweeps.grid import Chunk, Grid
from rootkappa.sweeps.table import Table

_MANIFEST = "sweep.json"


@dataclass(frozen=True)
class Store:
    """The records of one grid by one version of the library.

    Args:
        folder: Where the files are.
        specification: Of the grid.
        library: Which library computed them.
    """

    folder: Path
    specification: Mapping[str, Any]
    library: str

    @classmethod
    def open(cls, folder: str | Path, grid: Grid) -> Self:
        """Open a folder to write in: a new one, or one with the same grid by the same library.

        Args:
            folder: Where the files are.
            grid: The grid.

        Returns:
            The store.

        Raises:
            ValueError: If it holds another grid, or was written by another version.
            OSError: If it cannot be written.
        """
        path = Path(folder)
        if not (path / _MANIFEST).exists():
            return cls._new(path, grid)
        found = cls.existing(path)
        if text(found.specification) != text(grid.specification):
            raise ValueError(
                f"the store {path} holds another grid, which differs in "
                f"{', '.join(_differences(found.specification, grid.specification))}: choose "
                "another folder."
            )
        if found.library != library():
            raise ValueError(
                f"the store {path} was written by rootkappa {found.library} and this is "
                f"{library()}, whose records do not mix with it: read it with sweeps.read, or "
                "choose another folder to compute them afresh."
            )
        return found

    @classmethod
    def _new(cls, path: Path, grid: Grid) -> Self:
        if path.is_dir() and any(path.glob("*.parquet")):
            raise ValueError(
                f"the folder {path} holds Parquet files but no {_MANIFEST}, so it is no store: "
                "choose another folder."
            )
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise type(error)(
                f"cannot make the folder {path} ({error.strerror}): choose one that you may write "
                "to."
            ) from error
        manifest = {"grid": grid.specification, "library": library()}
        write_atomically(path / _MANIFEST, json.dumps(manifest, indent=1) + "\n")
        return cls(path, grid.specification, library())

    @classmethod
    def existing(cls, folder: str | Path) -> Self:
        """Open a folder to read from, whichever version wrote it.

        Args:
            folder: Where the files are.

        Returns:
            The store.

        Raises:
            ValueError: If it is no store.
        """
        path = Path(folder)
        try:
            manifest = json.loads((path / _MANIFEST).read_text(encoding="utf-8"))
            return cls(path, manifest["grid"], manifest["library"])
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise ValueError(
                f"{path} is no store of a sweep, its {_MANIFEST} cannot be read ({error}): name "
                "the folder that was given to sweeps.run."
            ) from error

    def get(self, chunk: Chunk) -> Table | None:
        """Read the records of a chunk.

        Args:
            chunk: The chunk.

        Returns:
            Its records; None if they are missing or their file is damaged.
        """
        return _read(self._path(chunk))

    def add(self, chunk: Chunk, table: Table) -> None:
        """Write the records of a chunk, by rename.

        Args:
            chunk: The chunk.
            table: Its records.

        Raises:
            OSError: If the disk is full, or the folder cannot be written.
        """
        try:
            write_atomically(self._path(chunk), table.to_bytes())
        except OSError as error:
            there = len(list(self.folder.glob("*.parquet")))
            raise type(error)(
                f"{error} The {there} chunks that are stored stay, and another run continues them."
            ) from error

    def tables(self) -> list[Table]:
        """Read all records that are there.

        Returns:
            A table a chunk, in no particular order.
        """
        found = [_read(path) for path in sorted(self.folder.glob("*.parquet"))]
        return [table for table in found if table is not None]

    def _path(self, chunk: Chunk) -> Path:
        return self.folder / f"{digest(text(chunk.specification), self.library)}.parquet"


def _read(path: Path) -> Table | None:
    try:
        return Table.read(path)
    except (FileNotFoundError, ValueError):
        return None


def _differences(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    # By their texts, as the grids are: 2 and 2.0 are other labels.
    return [name for name in {**one, **other} if text(one.get(name)) != text(other.get(name))]
