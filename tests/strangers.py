"""Plain data with one entry exchanged, for tests of everything that is read from files."""

from __future__ import annotations

import copy
import math

# What may stand in a file where something else should.
PLAIN = {
    "null": None,
    "word": "word",
    "empty word": "",
    "NaN": math.nan,
    "infinity": math.inf,
    "negative": -1,
    "half": 0.5,
    "true": True,
    "table": {},
    "list": [],
    "list of words": ["word"],
    "nested list": [[1]],
}


def places(data, at=()):
    """Yield the path of every entry of nested tables, outer ones first."""
    for key, value in data.items():
        yield (*at, key)
        if isinstance(value, dict):
            yield from places(value, (*at, key))


def exchanged(data, place, value):
    """A copy in which one entry is another."""
    found = copy.deepcopy(data)
    table = found
    for key in place[:-1]:
        table = table[key]
    table[place[-1]] = value
    return found


def without(data, place):
    """A copy in which one entry is missing."""
    found = copy.deepcopy(data)
    table = found
    for key in place[:-1]:
        table = table[key]
    del table[place[-1]]
    return found
