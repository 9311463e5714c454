"""Sphinx for the tests of its extensions, in the process that has loaded all that a build needs."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings

import pytest
from sphinx.cmd.build import main


@pytest.fixture(scope="session")
def sphinx():
    """Build a folder strictly into another; give the exit status and what was complained of."""

    def build(source, target):
        options = ["-b", "html", "-W", "-n", "--keep-going", "-q"]
        stream = io.StringIO()
        # Python's warnings there are Sphinx's own; its warnings about the pages are in the stream.
        with warnings.catch_warnings(action="ignore"), contextlib.redirect_stderr(stream):
            status = main([*options, str(source), str(target)])
        return status, stream.getvalue()

    return build


@pytest.fixture
def logged():
    """Hold what Sphinx is warned of, whether or not a build has taken its logs."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setLevel("WARNING")
    logging.getLogger("sphinx").addHandler(handler)
    yield stream
    logging.getLogger("sphinx").removeHandler(handler)
