"""Check that each public parameter is documented: `python tools/check_docstrings.py lib`.

Ruff finds a missing docstring, return value or exception, and a parameter missing from a list of
arguments. It says nothing where the whole list is missing; this does, for dataclass fields too.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

_ENTRY = re.compile(r"^ {4}\*{0,2}(\w+(?:, \*{0,2}\w+)*)(?: \(.*\))?:")
_SECTIONS = ("Args:", "Attributes:")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def check(folder: Path) -> list[str]:
    """Return one line for each undocumented parameter under a folder."""
    findings = []
    for path in sorted(folder.rglob("*.py")):
        if any(part.startswith("_") and part != "__init__.py" for part in path.parts):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for line, name, missing in _undocumented(tree.body):
            findings.append(f"{path}:{line}: {name} does not document {', '.join(missing)}")
    return findings


def _undocumented(body: list[ast.stmt]) -> Iterator[tuple[int, str, list[str]]]:
    for node in body:
        if not isinstance(node, Function | ast.ClassDef) or node.name.startswith("_"):
            continue
        if isinstance(node, ast.ClassDef):
            yield from _undocumented(node.body)
            names = _fields(node)
        else:
            names = _parameters(node)
        missing = [name for name in names if name not in documented(ast.get_docstring(node) or "")]
        if missing:
            yield node.lineno, node.name, missing


def documented(docstring: str) -> set[str]:
    """Return the names that a docstring lists as arguments or attributes."""
    names: set[str] = set()
    inside = False
    for line in docstring.splitlines():
        if line and not line.startswith(" "):
            inside = line in _SECTIONS
        entry = _ENTRY.match(line)
        if inside and entry:
            names.update(name.strip(" *") for name in entry[1].split(","))
    return names


def _parameters(node: Function) -> list[str]:
    if any(_name(decorator) in ("overload", "override") for decorator in node.decorator_list):
        return []
    group = node.args
    given = [*group.posonlyargs, *group.args, group.vararg, *group.kwonlyargs, group.kwarg]
    names = [argument.arg for argument in given if argument is not None]
    return [name for name in names if name not in ("self", "cls") and not name.startswith("_")]


def _fields(node: ast.ClassDef) -> list[str]:
    for statement in node.body:
        if isinstance(statement, ast.FunctionDef) and statement.name == "__init__":
            return _parameters(statement)
    if not any(_name(decorator) == "dataclass" for decorator in node.decorator_list):
        return []
    targets = [item.target for item in node.body if isinstance(item, ast.AnnAssign)]
    names = [target.id for target in targets if isinstance(target, ast.Name)]
    return [name for name in names if not name.startswith("_")]


def _name(decorator: ast.expr) -> str:
    if isinstance(decorator, ast.Call):
        decorator = decorator.func
    if isinstance(decorator, ast.Attribute):
        return decorator.attr
    return decorator.id if isinstance(decorator, ast.Name) else ""


def main(arguments: list[str]) -> int:
    """Run the command line."""
    if not arguments:
        print("usage: check_docstrings.py FOLDER...", file=sys.stderr)
        return 2
    for name in arguments:
        if not any(Path(name).rglob("*.py")):
            print(
                f"{name}: no Python file is there, so nothing was checked: name a folder of them."
            )
            return 2
    found = [line for name in arguments for line in check(Path(name))]
    print("\n".join(found) if found else "every public parameter is documented")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
