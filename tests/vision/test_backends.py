"""What runs the network: named, tried out, refused."""

import importlib.util

import numpy as np
import pytest
from numpy.typing import NDArray

from vision import backends
from vision.backends import BackendError, BackendName, installed, load_network
from vision.registry import DEFAULT_MODEL, load_card


class Slow:
    """A backend of ours that counts its looks."""

    name: BackendName = "openvino"
    input_shape: list[int | str] = [1, 3, "height", "width"]  # noqa: RUF012

    def __init__(self, network: bytes, threads: int) -> None:
        self.looks = 0

    def run(self, pictures: NDArray[np.float32]) -> NDArray[np.float32]:
        self.looks += 1
        assert pictures.shape[1] == 3
        return pictures


def test_the_fastest_of_the_installed_ones_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    class Fast(Slow):
        name: BackendName = "onnxruntime"

    seconds = {"openvino": 2.0, "onnxruntime": 1.0}
    monkeypatch.setattr(backends, "_LOADERS", {"openvino": Slow, "onnxruntime": Fast})
    monkeypatch.setattr(backends, "_seconds", lambda one: seconds[one.name])
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name)
    assert installed() == ["onnxruntime", "openvino"]
    assert load_network(b"", 1).name == "onnxruntime"
    seconds["onnxruntime"] = 3.0
    assert load_network(b"", 1).name == "openvino"
    assert load_network(b"", 1, "onnxruntime").name == "onnxruntime"


def test_one_that_is_not_installed_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name == "onnxruntime" or None)
    with pytest.raises(BackendError, match="openvino is not installed; installed: onnxruntime"):
        load_network(b"", 1, "openvino")


def test_a_file_that_is_no_network_is_refused() -> None:
    with pytest.raises(BackendError, match="onnxruntime can read"):
        load_network(b"no network", 1, "onnxruntime")


def test_both_backends_give_the_same_boxes() -> None:
    pytest.importorskip("openvino", reason="extra `openvino` is not installed")
    network = load_card(DEFAULT_MODEL).verified_bytes()
    picture = np.random.default_rng(1).random((1, 3, 192, 320), np.float32)
    first, second = (load_network(network, 1, name).run(picture) for name in installed())
    assert np.allclose(first[:, :4], second[:, :4], atol=0.05)
    assert np.allclose(first[:, 4:], second[:, 4:], atol=1e-3)
