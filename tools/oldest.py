"""Print the oldest versions that pyproject.toml allows, as constraints for pip.

`python tools/oldest.py > oldest.txt`; `make test-oldest` installs them and runs the unit tests.
What is not named there comes in its newest version, as a user would get it.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]


def oldest(project: dict[str, Any]) -> list[str]:
    """Return one line for each package that a project names, with its lower bound.

    Raises:
        ValueError: If a range has no lower bound, and so promises what nobody can test.
    """
    extras = project.get("optional-dependencies", {}).values()
    lines = set()
    for line in [*project["dependencies"], *(line for extra in extras for line in extra)]:
        requirement = Requirement(line)
        lower = [part.version for part in requirement.specifier if part.operator == ">="]
        if len(lower) != 1:
            raise ValueError(f"{line!r} has no lower bound: write {requirement.name}>=VERSION.")
        lines.add(f"{requirement.name}=={lower[0]}")
    return sorted(lines)


if __name__ == "__main__":
    content = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    sys.stdout.write("\n".join(oldest(tomllib.loads(content)["project"])) + "\n")
