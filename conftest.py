"""What every test run shares: the fixed environment of the kernels, and the book's cache."""

from __future__ import annotations

import sys
from pathlib import Path

# The tools are scripts, not a package: this is read before pytest sets its own `pythonpath`.
sys.path.insert(0, str(Path(__file__).parent / "tools"))

from rootkappa_sphinx.execution import fix_environment

fix_environment()

pytest_plugins = ["nbval_cache"]
