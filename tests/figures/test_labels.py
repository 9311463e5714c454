"""Direct labels: beside their lines, and never on each other."""

import itertools

import numpy as np
import pytest

from rootkappa import figures
from rootkappa.figures._labels import _apart

ALT = "Steps against condition number on logarithmic axes: the slope is one half."
X = np.array([1.0, 10.0, 100.0])


def boxes(ax):
    return [text.get_window_extent() for text in ax.texts]


def test_a_name_stands_right_of_its_lines_last_point(axes):
    line = figures.theory(axes, X, [1.0, 2.0, np.nan], label="here")
    figures.label(axes, fontsize=7)
    figures.show(axes.figure, ALT)
    (text,) = axes.texts
    assert (text.get_text(), text.get_color(), text.get_fontsize()) == ("here", line.get_color(), 7)
    (box,) = boxes(axes)
    end = axes.transData.transform((1, 2.0))[1]
    assert box.x0 > axes.bbox.x1
    assert box.y0 <= end <= box.y1


@pytest.mark.parametrize("ends", [[1.0] * 5, [1, 1.01, 1.02, 50, 50.1], [99, 99, 0, 0, 50]])
def test_labels_do_not_lie_on_each_other_nor_outside(axes, ends):
    for number, end in enumerate(ends):
        figures.theory(axes, X, [0.0, 0.0, end], label=f"name {number}")
    axes.set_ylim(0, 100)
    figures.label(axes)
    figures.show(axes.figure, ALT)
    found = sorted(boxes(axes), key=lambda box: box.y0)
    assert all(low.y1 <= high.y0 + 0.5 for low, high in itertools.pairwise(found))
    assert found[0].y0 > axes.bbox.y0 - found[0].height
    assert found[-1].y1 < axes.bbox.y1 + found[0].height


def test_a_name_of_two_lines_has_room(axes):
    for end, name in ((1.0, "a name"), (1.01, "one of\ntwo lines"), (1.02, "another")):
        figures.theory(axes, X, [0.0, 0.0, end], label=name)
    axes.set_ylim(0, 100)
    figures.label(axes)
    figures.show(axes.figure, ALT)
    found = sorted(boxes(axes), key=lambda box: box.y0)
    assert all(low.y1 <= high.y0 + 0.5 for low, high in itertools.pairwise(found))


def test_lines_keep_their_order(axes):
    for end in (3.0, 1.0, 2.0):
        figures.theory(axes, X, [0.0, 0.0, end], label=f"{end:g}")
    axes.set_ylim(0, 1000)
    figures.label(axes)
    figures.show(axes.figure, ALT)
    ranked = sorted(axes.texts, key=lambda text: text.get_window_extent().y0)
    assert [text.get_text() for text in ranked] == ["1", "2", "3"]


def test_the_figure_makes_room_for_the_names(axes):
    figures.theory(axes, X, X, label="a name that is rather long")
    figures.label(axes)
    figures.show(axes.figure, ALT)
    assert boxes(axes)[0].x1 <= axes.figure.bbox.x1


def test_each_name_is_written_once_however_often_it_is_asked_for(axes):
    figures.theory(axes, X, X, label="same")
    figures.measured(axes, X, X, label="same")
    figures.theory(axes, X, X)
    figures.label(axes)
    figures.label(axes)
    assert [text.get_text() for text in axes.texts] == ["same"]


def test_nothing_to_name(axes):
    with pytest.raises(ValueError, match="no line has a label: draw with label="):
        figures.label(axes)
    figures.theory(axes, X, X * np.nan, label="gone")
    with pytest.raises(ValueError, match="'gone' has no finite point"):
        figures.label(axes)


@pytest.mark.parametrize("seed", range(5))
def test_labels_move_as_little_as_they_can(seed):
    """Against brute force: the best of all placements on a fine grid."""
    wanted = np.random.default_rng(seed).uniform(0, 6, 3).round()
    placed = _apart(wanted, 2.0, 0.0, 6.0)
    grid = np.arange(0, 6.01, 0.25)
    allowed = [
        np.array(places)
        for places in itertools.product(grid, repeat=3)
        if np.diff(sorted(places)).min() >= 2.0
    ]
    best = min(((places - wanted) ** 2).sum() for places in allowed)
    assert ((placed - wanted) ** 2).sum() <= best + 1e-9
    assert np.diff(np.sort(placed)).min() >= 2.0 - 1e-9
    assert 0 <= placed.min() < placed.max() <= 6


def test_at_an_edge_labels_give_way_inwards():
    assert _apart(np.full(3, 10.0), 2.0, 0.0, 10.0).tolist() == [6, 8, 10]
    assert _apart(np.array([0.0, 9.5, 10.0]), 2.0, 0.0, 10.0).tolist() == [0, 8, 10]
    # More than there is room for begin at the lower edge.
    assert _apart(np.zeros(3), 2.0, 1.0, 4.0).tolist() == [1, 3, 5]


def test_a_line_that_ends_outside_still_has_its_name(axes):
    figures.theory(axes, X, [1.0, 2.0, 101.0], label="beyond")
    axes.set_ylim(0, 100)
    figures.label(axes)
    figures.show(axes.figure, ALT)
    (text,) = axes.texts
    # What is not drawn has no extent.
    assert text.get_tightbbox().height > 0
