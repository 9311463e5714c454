"""Fetching, keeping and checking, on small files made here: nothing touches the network."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from urllib.error import URLError

import numpy as np
import pytest

from rootkappa import datasets
from rootkappa.datasets import downloaded as module

SMALL = module.Source({"data_id": 1}, (6, 3), "digits", md5="abc", classes=3)


def _raw(name, folder=None):
    return datasets.load(name, form="raw", folder=folder)


@pytest.fixture
def server(monkeypatch):
    """A stand-in for OpenML that counts what it is asked for."""
    pixels = np.arange(18.0).reshape(6, 3) + 1
    found = SimpleNamespace(
        data=pixels, target=np.array(list("012010")), details={"md5_checksum": "abc"}, asked=[]
    )

    def fetch(**query):
        found.asked.append(query)
        return found

    monkeypatch.setitem(module.SOURCES, "mnist", SMALL)
    monkeypatch.setattr("sklearn.datasets.fetch_openml", fetch)
    return found


def test_a_set_is_parsed_and_fetched_once(server, tmp_path):
    first, second = (_raw("mnist", tmp_path) for _ in range(2))
    assert len(server.asked) == 1
    assert server.asked[0]["data_id"] == 1
    for data in (first, second):
        assert data.X.T.tolist() == server.data.tolist()
        assert data.Y.tolist() == [[0, 1, 2, 0, 1, 0]]


@pytest.mark.parametrize(("md5", "said"), [("abc", False), (None, True)])
def test_a_set_without_a_pinned_sum_says_so(server, tmp_path, monkeypatch, md5, said):
    monkeypatch.setitem(module.SOURCES, "mnist", replace(SMALL, md5=md5))
    assert ("as first seen" in _raw("mnist", tmp_path).description) == said


def test_fractions_are_kept_as_they_are(server, tmp_path):
    server.data = server.data / 7 - 1
    assert _raw("mnist", tmp_path).X.T.tolist() == server.data.tolist()


def test_without_a_folder_it_is_kept_in_the_home_of_scikit_learn(server, tmp_path, monkeypatch):
    monkeypatch.delenv(module.FOLDER_VARIABLE, raising=False)
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(tmp_path))
    _raw("mnist")
    assert (tmp_path / "rootkappa" / "mnist.npz").exists()


# As OpenML and the authors publish them: number, samples, features, classes.
PUBLISHED = {
    "mnist": (554, 70_000, 28 * 28, 10),
    "fashion-mnist": (40996, 70_000, 28 * 28, 10),
    "cifar-10": (40927, 60_000, 3 * 32 * 32, 10),
    "energy": (44960, 768, 8, 0),
    "housing": (531, 506, 13, 0),
    "yacht": (None, 308, 6, 0),
}


def test_sources_are_those_that_are_published():
    assert {
        name: (source.query.get("data_id"), *source.shape, source.classes)
        for name, source in module.SOURCES.items()
    } == PUBLISHED


@pytest.mark.parametrize(("classes", "spreads"), [(0, [1, 1, 1]), (3, [1, 10, 100])])
def test_features_with_units_are_made_alike_and_pixels_are_not(
    server, tmp_path, monkeypatch, classes, spreads
):
    server.data = server.data * [1, 10, 100]
    monkeypatch.setitem(module.SOURCES, "mnist", replace(SMALL, classes=classes))
    found = datasets.load("mnist", form="linear", folder=tmp_path).X.std(1)
    assert (found / found[0]).tolist() == pytest.approx(spreads)


def test_the_folder_can_be_named_in_the_environment(server, tmp_path, monkeypatch):
    monkeypatch.setenv(module.FOLDER_VARIABLE, str(tmp_path / "here"))
    _raw("mnist")
    assert (tmp_path / "here" / "mnist.npz").exists()


def test_a_set_by_name_has_unit_inputs_and_two_classes(server, tmp_path, monkeypatch):
    monkeypatch.setenv(module.FOLDER_VARIABLE, str(tmp_path))
    data = datasets.load("mnist", n=5)
    assert data.X.norm(dim=0).tolist() == pytest.approx([1] * 5)
    assert sorted(data.Y[0].tolist()) == [-1, -1, -1, 1, 1]


def _truncate(file):
    file.write_bytes(file.read_bytes()[:-7])


def _swap_byte(file):
    content = bytearray(file.read_bytes())
    content[40] ^= 1
    file.write_bytes(bytes(content))


def _lose_sum(file):
    file.with_suffix(".sha256").unlink()


@pytest.mark.parametrize("damage", [_truncate, _swap_byte, _lose_sum])
def test_a_damaged_file_is_refused(server, tmp_path, damage):
    _raw("mnist", tmp_path)
    damage(tmp_path / "mnist.npz")
    with pytest.raises(ValueError, match=r"mnist.npz, has the SHA-256 .* recorded .* delete it"):
        _raw("mnist", tmp_path)


@pytest.mark.parametrize(
    ("shape", "labels"), [((5, 3), 5), ((6, 4), 6), ((6, 3), 5), ((18,), 18)], ids=str
)
def test_a_kept_file_of_another_shape_is_refused(server, tmp_path, shape, labels):
    module._keep(tmp_path / "mnist.npz", np.ones(shape), np.zeros(labels))
    with pytest.raises(
        ValueError, match=r"mnist.npz, holds the shape .* expected \(6, 3\): delete"
    ):
        _raw("mnist", tmp_path)
    assert not server.asked


def test_an_interrupted_fetch_leaves_no_set(server, tmp_path, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(module.Path, "replace", interrupt)
        with pytest.raises(KeyboardInterrupt):
            _raw("mnist", tmp_path)
    assert not (tmp_path / "mnist.npz").exists()
    assert _raw("mnist", tmp_path).X.shape == (3, 6)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"details": {"md5_checksum": "xyz"}}, "MD5 sum xyz on OpenML, expected abc"),
        ({"data": np.ones((5, 3))}, r"arrived with shape \(5, 3\) .* expected \(6, 3\): .*cut"),
        ({"target": np.zeros(4)}, r"\(4,\) labels, expected \(6, 3\)"),
    ],
)
def test_another_version_is_refused(server, tmp_path, change, message):
    vars(server).update(change)
    with pytest.raises(ValueError, match=message):
        _raw("mnist", tmp_path)
    assert not list(tmp_path.iterdir())


def test_without_a_network_one_sentence_says_what_to_do(server, tmp_path, monkeypatch):
    def fail(**_):
        raise URLError("no route")

    monkeypatch.setattr("sklearn.datasets.fetch_openml", fail)
    message = r"'mnist' \(OpenML, data_id 1\) is not kept in .*mnist.npz .*bundled set 'digits'"
    with pytest.raises(FileNotFoundError, match=message):
        _raw("mnist", tmp_path)


def test_an_unknown_set_lists_those_there_are():
    with pytest.raises(ValueError, match=r"'cifar': choose one of breast.*, wine, yacht"):
        _raw("cifar")
