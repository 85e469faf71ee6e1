# pyright: reportMissingImports=false, reportUntypedBaseClass=false, reportUnknownParameterType=false
# (the `train` extra is not installed where the product runs)
"""The network that learns: a second neck and head beside COCO's on one frozen trunk.

COCO's network is cut in two. What lies before `cut` stays as it is, batch norms included, and runs
once per picture; behind it COCO's own layers go on finding people, bit for bit as before, and a
copy of them learns smoke and people seen from above. What is learnt of one can't cost the other.
"""

import copy
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import onnx
import onnx.numpy_helper
import torch
from torch import Tensor, nn

from vision.training.classes import CLASSES, COCO_PERSON

__all__ = ["BACKBONE_END", "NECK_END", "layers", "norm_statistics", "resumed", "second_head_model"]

BACKBONE_END, NECK_END = 11, 23
"""Layers of YOLO11 before its neck, and before its head."""
PREFIX = re.compile(r"^(seconds\.0|smoke)\.model\.")
"""Before its tensors' names in an exported network; the earliest have none."""
PRIOR = 0.002
"""Share of grid cells expected to hold smoke before training; keeps the first losses small."""


def norm_statistics(model: Any) -> None:
    """Check that a checkpoint can be trained at all.

    Raises:
        ValueError: its batch norms hold no statistics (an export with them folded in): it is right
            as it stands, and any training would destroy it.
    """
    norms = [m for m in model.modules() if isinstance(m, nn.BatchNorm2d)]
    if not norms or all(n.running_mean is None or not bool(n.running_mean.any()) for n in norms):
        raise ValueError("the checkpoint's batch norms hold no statistics: it can't be trained")


def second_head_model(coco: Any) -> Any:
    """Return a copy of COCO's `DetectionModel` whose class rows are `CLASSES`.

    `person` keeps COCO's row, `smoke` starts from the mean of all rows with a low prior.
    """
    norm_statistics(coco)
    model = copy.deepcopy(coco).float()
    head: Any = model.model[-1]
    for branch in head.cv3:
        old: nn.Conv2d = branch[-1]
        new = nn.Conv2d(old.in_channels, len(CLASSES), 1)
        assert new.bias is not None
        assert old.bias is not None
        with torch.no_grad():
            new.weight[0], new.bias[0] = old.weight[COCO_PERSON], old.bias[COCO_PERSON]
            new.weight[1] = old.weight.mean(dim=0)
            new.bias[1] = math.log(PRIOR / (1 - PRIOR))
        branch[-1] = new
    head.nc = len(CLASSES)
    head.no = head.nc + head.reg_max * 4
    model.nc = len(CLASSES)
    model.yaml["nc"] = len(CLASSES)
    model.names = dict(enumerate(CLASSES))
    return model


def resumed(model: Any, exported: Path) -> Any:
    """Put the second neck and head of an exported network into a model, batch norms folded.

    The earliest exports held one network; its backbone was frozen on COCO's, so that what lies
    behind it fits this trunk as well.
    """
    model.fuse(verbose=False)
    state = model.state_dict()
    found = {
        PREFIX.sub("", tensor.name): onnx.numpy_helper.to_array(tensor)
        for tensor in onnx.load(str(exported)).graph.initializer
    }
    # The bins' values (`dfl`) are constants of the form, which an export may have folded away.
    learnt = {k for k in state if int(k.split(".")[1]) >= BACKBONE_END and ".dfl." not in k}
    if missing := learnt - set(found):
        raise ValueError(f"{exported}: has no {min(missing)}: not a network of this recipe")
    model.load_state_dict(
        {k: torch.from_numpy(found[k].copy()) if k in learnt else v for k, v in state.items()}
    )
    return model


def layers(model: Any, first: int, end: int, known: dict[int, Tensor]) -> dict[int, Tensor]:
    """Run a model's layers `first` to `end - 1`; `known` holds earlier layers' outputs.

    Layer -1 is the picture. Only what later layers ask for is kept, and the last.
    """
    outputs = dict(known)
    for layer in model.model[first:end]:
        asked: int | Sequence[int] = layer.f
        taken = [
            outputs[layer.i - 1 if j == -1 else j]
            for j in ([asked] if isinstance(asked, int) else asked)
        ]
        outputs[layer.i] = layer(taken[0] if isinstance(asked, int) else taken)
        if layer.i - 1 not in model.save:
            outputs.pop(layer.i - 1, None)
    return outputs
