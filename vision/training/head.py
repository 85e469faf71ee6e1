# pyright: reportMissingImports=false, reportUntypedBaseClass=false
# (the `train` extra is not installed where the product runs)
"""Gives a COCO detector a two-class head without forgetting what it knows of people.

YOLO11's class branch ends in a 1x1 convolution with one row per class. A new model with two classes
would also get narrower branches, so COCO's would not fit; instead the last convolution alone is
replaced: `person` keeps COCO's row, `smoke` starts from the mean of all rows with a low prior.
"""

import math
from typing import Any

import torch
from torch import nn

from vision.training.classes import CLASSES, COCO_PERSON

__all__ = ["two_class_model"]

SMOKE_PRIOR = 0.002
"""Share of grid cells expected to hold smoke before training; keeps the first losses small."""


def two_class_model(coco: Any) -> Any:
    """Replace the class rows of an ultralytics `DetectionModel` in place and return it.

    A model that has two classes already (an earlier run of this recipe) is returned unchanged.
    """
    head: Any = coco.model[-1]
    if head.nc == len(CLASSES):
        return coco
    for branch in head.cv3:
        old: nn.Conv2d = branch[-1]
        if old.bias is None:
            raise ValueError("the class branch has no bias: not a YOLO11 detection head")
        new = nn.Conv2d(old.in_channels, len(CLASSES), 1)
        with torch.no_grad():
            assert new.bias is not None
            new.weight[0] = old.weight[COCO_PERSON]
            new.bias[0] = old.bias[COCO_PERSON]
            new.weight[1] = old.weight.mean(dim=0)
            new.bias[1] = math.log(SMOKE_PRIOR / (1 - SMOKE_PRIOR))
        branch[-1] = new
    head.nc = len(CLASSES)
    head.no = head.nc + head.reg_max * 4
    coco.nc = len(CLASSES)
    coco.yaml["nc"] = len(CLASSES)
    coco.names = dict(enumerate(CLASSES))
    return coco
