"""The checker of documented parameters sees what ruff does not."""

from __future__ import annotations

import pytest

import check_docstrings

COMPLETE = '"""Do it.\n\n    Args:\n        a: One.\n        *rest: More.\n    """'
CASES = {
    "no list at all": ('def f(a):\n    """Do it."""', ["a"]),
    "documented": (f"def f(a, *rest):\n    {COMPLETE}", []),
    "one missing": (f"def f(a, b):\n    {COMPLETE}", ["b"]),
    "private": ('def _f(a):\n    """Do it."""', []),
    "self": ('class C:\n    """C."""\n    def f(self):\n        """Do it."""', []),
    "method": ('class C:\n    """C."""\n    def f(self, a):\n        """Do it."""', ["a"]),
    "constructor": ('class C:\n    """C."""\n    def __init__(self, a):\n        pass', ["a"]),
    "dataclass": ('@dataclass(frozen=True)\nclass C:\n    """C."""\n    a: int', ["a"]),
}


@pytest.mark.parametrize(("code", "missing"), CASES.values(), ids=CASES)
def test_finds_undocumented_parameters(tmp_path, code, missing):
    (tmp_path / "module.py").write_text(code)
    findings = check_docstrings.check(tmp_path)
    assert [line.rsplit("document ", 1)[1] for line in findings] == missing
