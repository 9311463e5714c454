"""What the recipes of CONTRIBUTING.md ask of the tree: one sentence for each step left out."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml

import chapters
from rootkappa.ledger import Book, read_claims
from rootkappa.ledger.claims import read_chapters
from rootkappa_sphinx.rooms import listed

ROOMS = (
    "The claim",
    "Statement",
    "Parameters",
    "What is measured",
    "Verdicts",
    "Where it breaks",
    "What the proof leaves on the table",
    "Notes on the paper",
    "Try it",
)
# What stands in a room: a line that shows it, and what is asked for where it is not there.
FURNITURE = (
    ("The claim", "**You will understand**", "what one will understand, a list under this heading"),
    ("The claim", "```{result} fig-", "its picture: {result} with the name of a figure"),
    ("Verdicts", "{tally}`", "the count of its verdicts: {tally} with the name of the chapter"),
)
FOLD = ":::{dropdown} Answer\n"
# Notebooks that settle nothing.
FRAME = {"index", "status", "why-momentum", "your-own-network"}
NO_KEYS = {"classical", "ours"}
_TOLD = {
    "breaks": "what its control breaks",
    "prediction": "where its prediction comes from",
    "second": "where it is checked a second time",
}


def untested(root: Path) -> list[str]:
    """Name each file of the library that has no test file of its own.

    Args:
        root: The repository.

    Returns:
        A sentence each.
    """
    library = root / "lib/rootkappa"
    tests = {path: _mirrors(path.relative_to(library)) for path in _modules(library)}
    return [
        f"{path.relative_to(root)} has no test file: add {files[0]}"
        for path, files in tests.items()
        if not any((root / name).is_file() for name in files)
    ]


def undocumented(root: Path) -> list[str]:
    """Name each room of the library without a page of the reference, and the reverse.

    Args:
        root: The repository.

    Returns:
        A sentence each.
    """
    shown = listed(root)
    places = (root / "lib/rootkappa").iterdir()
    public = {path.stem for path in places if path.suffix in ("", ".py") and path.name[0] != "_"}
    return [
        f"room {name} is on no page of book/api: write one, and list it in _toc.yml"
        for name in sorted(public - set(shown))
    ] + [
        f"book/api shows the room {name}, which is not there: drop it"
        for name in sorted(shown)
        if not shown[name]
    ]


def unlisted(root: Path) -> list[str]:
    """Name each page that stands in one of `book/` and `_toc.yml` only.

    Args:
        root: The repository.

    Returns:
        A sentence each.
    """
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    entries = [entry for part in toc["parts"] for entry in part["chapters"]]
    entries += [section for entry in entries for section in entry.get("sections", ())]
    listed = {toc["root"], *(entry["file"] for entry in entries)}
    files = [*(root / "book").glob("*.md"), *(root / "book/api").glob("*.md")]
    pages = {path.relative_to(root).with_suffix("").as_posix() for path in files}
    return [
        f"{page}.md is not in _toc.yml: add it to a part" for page in sorted(pages - listed)
    ] + [f"_toc.yml lists {page}, and there is no {page}.md" for page in sorted(listed - pages)]


def unfurnished(root: Path) -> list[str]:
    """Name what each chapter lacks: its title in the ledger, its text, its outputs, its rooms.

    Args:
        root: The repository.

    Returns:
        A sentence each.
    """
    book = root / "book"
    pages = {path.stem: path for path in chapters.chapters(book) if path.stem not in FRAME}
    titled = read_chapters(book / "claims.toml")
    lacking = [
        f"book/{name}.md has no title in [chapters] of book/claims.toml: add a line"
        for name in pages
        if name not in titled
    ] + [
        f"book/claims.toml has the chapter {name}, and there is no book/{name}.md: write it"
        for name in titled
        if name not in pages
    ]
    for path in pages.values():
        if not path.with_suffix(".ipynb").is_file():
            lacking.append(f"book/{path.name} has no outputs: run tools/record.py {path.stem}")
        lacking += rooms(path) or bare(path)
    return lacking


def rooms(page: Path) -> list[str]:
    """Name the rooms that a chapter lacks, or say that they stand in another order.

    Args:
        page: The chapter's text.

    Returns:
        A sentence each.
    """
    prose = re.sub(r"^(`{3,}).*?^\1", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    found = re.findall(r"^## (.+?)\s*$", prose, re.M)
    lacking = [room for room in ROOMS if room not in found]
    if lacking:
        return [f'{page.name} has no room "{room}": add "## {room}"' for room in lacking]
    kept = [room for room in found if room in ROOMS]
    order = ", ".join(kept)
    return [] if kept == [*ROOMS] else [f"{page.name} has its rooms in another order: {order}"]


def bare(page: Path) -> list[str]:
    """Name what the rooms of a chapter lack.

    Args:
        page: The chapter's text.

    Returns:
        A sentence each.
    """
    parts = re.split(r"^## (.+?)\s*$", page.read_text(encoding="utf-8"), flags=re.M)
    held = dict(zip(parts[1::2], parts[2::2], strict=True))
    asked = len(re.findall(r"^\*\*\d+\.", held["Try it"], re.M))
    folded = held["Try it"].count(FOLD)
    return [
        f'the room "{room}" of {page.name} lacks {words}'
        for room, sign, words in FURNITURE
        if sign not in held[room]
    ] + [
        f"{page.name} asks {asked} exercises, **1.** and so on, and folds {folded} answers under "
        f'them: give each its "{FOLD.strip()}"'
        for _ in range(asked != folded or not asked)
    ]


def uncaptioned(root: Path) -> list[str]:
    """Name each figure that nobody sees, can refer to, or is told what to see in.

    Args:
        root: The repository.

    Returns:
        A sentence each.
    """
    cells = [
        (path.stem, cell)
        for path in sorted((root / "book").glob("*.ipynb"))
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        if cell["cell_type"] == "code"
        if "figures.show(" in "".join(cell["source"]) or _shows(cell)
    ]
    return [
        f"a cell of {name} draws and shows nothing: make figures.show its last expression"
        for name, cell in cells
        if not _shows(cell)
    ] + [
        f"a figure of {name} has no {part}: add it to mystnb, figure of the options of its cell"
        for name, cell in cells
        for part in ("name", "caption")
        if not cell["metadata"].get("mystnb", {}).get("figure", {}).get(part)
    ]


def _shows(cell: dict[str, Any]) -> bool:
    shown = [output.get("data", {}).get("text/plain", "") for output in cell["outputs"]]
    return any("".join(text).startswith("Figure") for text in shown)


def unlinked(root: Path) -> list[str]:
    """Name each term of the glossary to which no other page leads.

    Args:
        root: The repository.

    Returns:
        A sentence each.
    """
    glossary = root / "book/glossary.md"
    (entries,) = re.findall(r"```{glossary}\n(.*?)^```", glossary.read_text("utf-8"), re.M | re.S)
    pages = [path for path in (root / "book").glob("*.md") if path != glossary]
    text = "".join(path.read_text(encoding="utf-8") for path in pages)
    linked = set(re.findall(r"{term}`(?:[^`<]*<)?([^`<>]+)>?`", text))
    return [
        f"no page leads to {term!r} of the glossary: link it at its first use by {{term}}"
        for term in re.findall(r"^(\S.*)$", entries, re.M)
        if term not in linked
    ]


def unsettled(root: Path) -> list[str]:
    """Name what is wrong with the claims: no paper, no chapter that settles them, a stale record.

    Args:
        root: The repository.

    Returns:
        A sentence each.
    """
    book = root / "book"
    claims = read_claims(book / "claims.toml")
    notebooks = [path.with_suffix(".ipynb") for path in chapters.chapters(book)]
    recorded = [path for path in notebooks if path.is_file()]
    entries = (book / "references.bib").read_text(encoding="utf-8")
    known = {*NO_KEYS, *re.findall(r"^@\w+\{([^,\s]+),", entries, re.M)}
    return [
        f"claim {claim.id!r} cites {key!r}, which is not in book/references.bib: add the paper"
        for claim in claims.values()
        for key in claim.papers
        if key not in known
    ] + list(Book.collect(claims, recorded).errors)


def unmeasured(root: Path) -> list[str]:
    """Name each claim that no function of the library measures, and each that leaves a field out.

    Args:
        root: The repository.

    Returns:
        A sentence each.
    """
    room = root / "lib/rootkappa/evidence"
    text = "".join(path.read_text(encoding="utf-8") for path in _modules(room))
    measured = set(re.findall(r'@measures\(\s*"([^"]+)"', text))
    claims = read_claims(root / "book/claims.toml")
    return [
        f"claim {name!r} is measured by no function: add one under lib/rootkappa/evidence"
        for name in claims
        if name not in measured
    ] + [
        f"claim {name!r} does not say {words}: add {field} to book/claims.toml"
        for name, claim in claims.items()
        for field, words in _TOLD.items()
        if getattr(claim, field) is None
    ]


def _modules(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*.py")) if path.name != "__init__.py"]


def _mirrors(module: Path) -> list[str]:
    # A chapter whose evidence is a folder may have one test file for all of it.
    whole = [module.parent] if len(module.parts) > 2 and module.parts[0] == "evidence" else []
    bare = [[part.strip("_") for part in path.with_suffix("").parts] for path in (module, *whole)]
    return ["/".join(["tests", *room, f"test_{name}.py"]) for *room, name in bare]
