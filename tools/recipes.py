"""What the recipes of CONTRIBUTING.md ask of the tree: one sentence for each step left out."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

import chapters
from rootkappa.ledger import Book, read_claims
from rootkappa.ledger.claims import read_chapters

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
    """Name each public module without an entry in the API page, and each entry without a module.

    Args:
        root: The repository.

    Returns:
        A sentence each.
    """
    page = (root / "book/api.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"automodule:: (\S+)\n   :members:", page))
    library = root / "lib"
    public = {
        ".".join(path.relative_to(library).with_suffix("").parts)
        for path in _modules(library)
        if not any(part.startswith("_") for part in path.relative_to(library).parts)
    }
    return [
        f"{name} has no entry in book/api.md: add an automodule of its file"
        for name in sorted(public - shown)
    ] + [
        f"book/api.md shows {name}, which is no module: drop it" for name in sorted(shown - public)
    ]


def unlisted(root: Path) -> list[str]:
    """Name each page that stands in one of `book/` and `_toc.yml` only.

    Args:
        root: The repository.

    Returns:
        A sentence each.
    """
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    listed = {toc["root"], *(entry["file"] for part in toc["parts"] for entry in part["chapters"])}
    pages = {f"book/{path.stem}" for path in (root / "book").glob("*.md")}
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
        lacking += rooms(path)
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
