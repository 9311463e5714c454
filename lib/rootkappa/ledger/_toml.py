"""Reading claims.toml strictly: every mistake is one sentence with its place and the remedy."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rootkappa._hint import hint
from rootkappa.provenance import Provenance

KINDS = ("equality", "bound", "scaling", "observation")
TEXTS = ("id", "paper", "source", "kind", "statement", "predicted", "control")
PREDICTIONS = ("derived", "printed", "piloted")
OPTIONAL = ("note", "nontrivial", "breaks", "prediction", "page", "second")
KEYS = (*TEXTS, "accept", "names", "population", *OPTIONAL)


def load(path: Path) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """Read and check the whole file.

    Args:
        path: The file claims.toml.

    Returns:
        Titles by chapter, in the ledger's order, and the checked entries.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the file is not TOML, or an entry is not what the schema asks for.
    """
    document = _document(path)
    for key in document:
        if key not in ("chapters", "claim"):
            raise ValueError(
                f"{path.name}: unknown table {key!r}: {hint(key, ('chapters', 'claim'))}"
            )
    chapters = _chapters(path.name, document.get("chapters", {}))
    entries = document.get("claim", [])
    if not isinstance(entries, list) or not entries:
        raise ValueError(f"{path.name}: there is no claim: write each under [[claim]].")
    seen: set[str] = set()
    for number, entry in enumerate(entries, start=1):
        _check_entry(path.name, number, entry, chapters)
        if entry["id"] in seen:
            raise ValueError(
                f"{path.name}: claim {entry['id']!r}: id is used twice: rename or drop one."
            )
        seen.add(entry["id"])
    return chapters, entries


def _document(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise FileNotFoundError(f"there is no {path}: give the path of claims.toml.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path.name} is not valid TOML: {error}; correct that line.") from error


def _chapters(file: str, table: Any) -> dict[str, str]:
    if not isinstance(table, dict) or not table:
        raise ValueError(
            f'{file}: [chapters] is missing: add one line slug = "Title" for each chapter.'
        )
    for slug, title in table.items():
        if not isinstance(title, str) or not title.strip():
            raise ValueError(f"{file}: [chapters] {slug} is {title!r}: give the chapter's title.")
    return dict(table)


def _check_entry(file: str, number: int, entry: Any, chapters: Mapping[str, str]) -> None:
    if not isinstance(entry, dict):
        raise ValueError(f"{file}: claim no. {number} is {entry!r}: write it under [[claim]].")
    where = f"{file}: claim {entry['id']!r}" if entry.get("id") else f"{file}: claim no. {number}"
    for key in entry:
        if key not in KEYS:
            raise ValueError(f"{where}: unknown key {key!r}: {hint(key, KEYS)}")
    for key in TEXTS:
        if key not in entry:
            raise ValueError(f"{where}: key {key!r} is missing: add it.")
        _check_text(where, key, entry[key])
    for key in OPTIONAL:
        if key in entry:
            _check_text(where, key, entry[key])
    _check_choices(where, entry)
    chapter, slash, slug = entry["id"].partition("/")
    if not slash or not slug or "/" in slug or not entry["id"].replace("/", "-").isascii():
        raise ValueError(f"{where}: id is {entry['id']!r}: write it as chapter/slug.")
    if not all(c.islower() or c.isdigit() or c == "-" for c in chapter + slug):
        raise ValueError(
            f"{where}: id is {entry['id']!r}: use lower-case letters, digits and hyphens only."
        )
    if chapter not in chapters:
        raise ValueError(
            f"{where}: chapter {chapter!r} is not in [chapters]: {hint(chapter, chapters)}"
        )
    if "accept" in entry:
        _check_accept(where, entry["accept"])
    if "names" in entry:
        _check_names(where, entry["names"], entry.get("accept", {}))
    if "population" in entry:
        _check_population(where, entry["population"])


def _check_choices(where: str, entry: Mapping[str, Any]) -> None:
    choices = {"kind": KINDS, "source": tuple(Provenance), "prediction": PREDICTIONS}
    for key, allowed in choices.items():
        value = entry.get(key)
        if key in entry and value not in allowed:
            raise ValueError(f"{where}: {key} is {value!r}: {hint(value, allowed)}")
    if entry.get("prediction") == "printed" and "page" not in entry:
        raise ValueError(f"{where}: the prediction is printed: say on which page.")
    if entry.get("second", "none") != "none" and "::" not in entry["second"]:
        raise ValueError(
            f"{where}: second is {entry['second']!r}: write tests/file.py::test_name, or none."
        )
    if "nontrivial" in entry and entry["kind"] != "bound":
        raise ValueError(f"{where}: nontrivial belongs to bounds: drop it, or make it a bound.")


def _check_population(where: str, table: Any) -> None:
    if not isinstance(table, dict) or set(table) - {"first"} != {"of", "draws", "share"}:
        raise ValueError(
            f"{where}: population is {table!r}: write "
            '{ of = "data and weights", draws = 20, share = [0.8, 1] }.'
        )
    _check_text(where, "population.of", table["of"])
    draws = table["draws"]
    if not isinstance(draws, int) or isinstance(draws, bool) or draws < 1:
        raise ValueError(f"{where}: population.draws is {draws!r}: write how many, 20 or more.")
    first = table.get("first", 0)
    if not isinstance(first, int) or isinstance(first, bool) or first < 0:
        raise ValueError(
            f"{where}: population.first is {first!r}: write the seed of the first draw, 0 or more."
        )
    _check_accept(where, {"share of draws": table["share"]})
    if not 0 <= table["share"][0] <= table["share"][1] <= 1:
        raise ValueError(f"{where}: population.share is {table['share']!r}: keep within [0, 1].")


def _check_text(where: str, key: str, value: Any) -> None:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{where}: {key} is {value!r}: write a non-empty string.")


def _check_accept(where: str, accept: Any) -> None:
    if not isinstance(accept, dict) or not accept:
        raise ValueError(
            f"{where}: accept is {accept!r}: name at least one quantity = [low, high], "
            "or leave accept out while the claim is open."
        )
    for name, interval in accept.items():
        key = f"accept.{name}"
        if not (isinstance(interval, list) and len(interval) == 2 and all(map(_real, interval))):
            raise ValueError(f"{where}: {key} is {interval!r}: write two numbers, [low, high].")
        if interval[0] > interval[1]:
            raise ValueError(f"{where}: {key} is {interval!r}, low above high: swap the two.")


def _check_names(where: str, names: Any, accept: Mapping[str, Any]) -> None:
    if not isinstance(names, dict) or not names:
        raise ValueError(f"{where}: names is {names!r}: say what quantities of accept are.")
    for name, phrase in names.items():
        if accept and name not in accept:  # an open claim has none yet
            raise ValueError(
                f"{where}: names has the unknown quantity {name!r}: {hint(name, accept)}"
            )
        _check_text(where, f"names.{name}", phrase)


def _real(value: Any) -> bool:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return number and not math.isnan(value)
