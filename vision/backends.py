"""What runs a network: ONNX Runtime always, OpenVINO where it is installed (extra `openvino`).

Both compute in float32 and give the same boxes; which is faster depends on the processor, so that
it is tried out.
"""

import importlib
import importlib.util
import time
from collections.abc import Callable
from typing import Any, Literal, Protocol

import numpy as np
import onnxruntime
from numpy.typing import NDArray

__all__ = ["Backend", "BackendError", "BackendName", "installed", "load_network"]

BackendName = Literal["openvino", "onnxruntime"]
KNOWN: tuple[BackendName, ...] = ("onnxruntime", "openvino")
TRIED_PX = (320, 192)
TRIALS = 3


class BackendError(ValueError):
    """A backend is not installed, or can't read a network."""


class Backend(Protocol):
    """A loaded network with one input and one output."""

    name: BackendName
    input_shape: list[int | str]
    """Batch, channels, height, width; a name stands for a side that may be any."""

    def run(self, pictures: NDArray[np.float32]) -> NDArray[np.float32]:
        """The output for a batch of pictures (RGB, 0 to 1, batch x 3 x height x width)."""
        ...


class _OnnxRuntime:
    name: BackendName = "onnxruntime"

    def __init__(self, network: bytes, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # Threads that wait by spinning take the processor from everything else on the box.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(
            network, options, providers=["CPUExecutionProvider"]
        )
        given = self._session.get_inputs()[0]
        self._input = given.name
        self.input_shape: list[int | str] = list(given.shape)

    def run(self, pictures: NDArray[np.float32]) -> NDArray[np.float32]:
        output: Any = self._session.run(None, {self._input: pictures})[0]
        return np.asarray(output)


class _OpenVino:
    name: BackendName = "openvino"

    def __init__(self, network: bytes, threads: int) -> None:
        openvino: Any = importlib.import_module("openvino")
        core = openvino.Core()
        model = core.read_model(network)
        self.input_shape: list[int | str] = [
            side.get_length() if side.is_static else "any"
            for side in model.input(0).get_partial_shape()
        ]
        self._request = core.compile_model(
            model,
            "CPU",
            {
                "INFERENCE_NUM_THREADS": threads,
                "NUM_STREAMS": 1,
                # Its own choice is 16 bits on some processors: other boxes on other machines.
                "INFERENCE_PRECISION_HINT": "f32",
            },
        ).create_infer_request()

    def run(self, pictures: NDArray[np.float32]) -> NDArray[np.float32]:
        self._request.infer([pictures], share_inputs=True)
        return np.array(self._request.get_output_tensor(0).data)


_LOADERS: dict[BackendName, Callable[[bytes, int], Backend]] = {
    "openvino": _OpenVino,
    "onnxruntime": _OnnxRuntime,
}


def installed() -> list[BackendName]:
    """The backends that this machine has."""
    return [name for name in KNOWN if importlib.util.find_spec(name) is not None]


def load_network(network: bytes, threads: int, name: BackendName | None = None) -> Backend:
    """Load a network into the named backend, or into the fastest that is installed.

    Raises:
        BackendError: the named one is not installed, or can't read the network.
    """
    have = installed()
    if name is not None and name not in have:
        raise BackendError(f"backend {name} is not installed; installed: {', '.join(have)}")
    chosen: list[BackendName] = [name] if name else have
    loaded = [_load(network, threads, one) for one in chosen]
    return loaded[0] if len(loaded) == 1 else min(loaded, key=_seconds)


def _load(network: bytes, threads: int, name: BackendName) -> Backend:
    try:
        return _LOADERS[name](network, threads)
    except Exception as error:
        # Each backend raises classes of its own for a file that is no network.
        raise BackendError(f"not a network {name} can read: {error}") from error


def _seconds(backend: Backend) -> float:
    """The quickest of a few runs on a grey picture: what else the machine does falls out."""
    width, height = (
        side if isinstance(side, int) else tried
        for side, tried in zip(backend.input_shape[:1:-1], TRIED_PX, strict=True)
    )
    grey = np.full((1, 3, height, width), 0.5, np.float32)
    backend.run(grey)
    taken: list[float] = []
    for _ in range(TRIALS):
        began_s = time.perf_counter()
        backend.run(grey)
        taken.append(time.perf_counter() - began_s)
    return min(taken)
