"""The models the product ships and what is known of each.

A model is two files in `vision/models/`: `NAME.onnx` and `NAME.json`, its card. The card binds the
name to the file's SHA-256, so that every detection can be traced to the exact network.
"""

import hashlib
import json
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from field_api.contract.messages import ModelReference

__all__ = ["DEFAULT_MODEL", "MODELS", "ModelCard", "ModelError", "load_card"]

MODELS = Path(__file__).parent / "models"
DEFAULT_MODEL = "xunshan-people-smoke"


class ModelError(ValueError):
    """A model is missing, or is not the one its card describes."""


class ModelCard(BaseModel):
    """What a model needs to run and what it was measured to do."""

    model_config = ConfigDict(frozen=True)

    name: str
    file: str
    """The ONNX file's name, beside the card."""
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    classes: list[str]
    """The network's class rows, in their order."""
    labels: dict[str, str] = {}
    """What a class is reported as where that is not its own name (`lying`: `person`)."""
    worth: dict[str, Annotated[float, Field(gt=0, le=1)]] = {}
    """What a class's score counts beside the label's own class where it is less sure: `lying`
    boxes rank beneath those of `person`."""
    input_width_px: Annotated[int, Field(gt=0, multiple_of=32)]
    input_height_px: Annotated[int, Field(gt=0, multiple_of=32)]
    flexible: bool = False
    """Whether the network takes any size: then a portrait picture is looked at in portrait, and the
    settings may enlarge the input."""
    thresholds: dict[str, float]
    """Lowest confidence per class at which a box goes to the tracker."""
    nms_overlap: float = 0.5
    training: dict[str, Any] = {}
    measured: dict[str, Any] = {}
    licence: str = ""
    folder: Path = Field(default=MODELS, exclude=True)

    @property
    def reference(self) -> ModelReference:
        """Name and hash, as every detection carries them."""
        return ModelReference(name=self.name, sha256=self.sha256)

    @cached_property
    def path(self) -> Path:
        """Where the network is."""
        return self.folder / self.file

    def label_of(self, name: str) -> str:
        """What boxes of a class are reported as."""
        return self.labels.get(name, name)

    def verified_bytes(self) -> bytes:
        """The network's bytes; raises `ModelError` unless they are those the card describes."""
        try:
            data = self.path.read_bytes()
        except OSError as error:
            raise ModelError(f"model {self.name}: cannot read {self.path}: {error}") from error
        if (found := hashlib.sha256(data).hexdigest()) != self.sha256:
            raise ModelError(
                f"model {self.name}: {self.path} has SHA-256 {found}, its card says {self.sha256}"
            )
        return data


def load_card(name_or_path: str) -> ModelCard:
    """Read a card by the name of a shipped model or by the path of a `.json` file."""
    path = Path(name_or_path)
    if path.suffix != ".json":
        path = MODELS / f"{name_or_path}.json"
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return ModelCard.model_validate(data | {"folder": path.parent})
    except OSError as error:
        known = ", ".join(sorted(p.stem for p in MODELS.glob("*.json"))) or "none"
        raise ModelError(f"no model card {path}: {error.strerror}; shipped: {known}") from error
    except (json.JSONDecodeError, ValidationError) as error:
        raise ModelError(f"model card {path} is not valid: {error}") from error
