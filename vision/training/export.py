# pyright: reportMissingImports=false, reportUntypedBaseClass=false, reportUnknownParameterType=false
# (the `train` extra is not installed where the product runs)
"""Writes what ships: `python -m vision.training.export --coco FILE --smoke FILE --lying FILE ...`.

COCO's network and what was learnt beside it become one `NAME.onnx` (float32, any input size) and
`NAME.json`, its card. Its boxes are COCO's, each with two scores: `person`, COCO's own, and
`lying`. Beside them stand the boxes of `smoke`, from the same picture at half its size: smoke is
large, and a quarter of the work finds it no worse. A box scores 0 in the rows of the others.
"""

import argparse
import hashlib
import json
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from ultralytics.nn.tasks import load_checkpoint

from vision.detector import PAD_GREY, STRIDE
from vision.training.classes import CLASSES, COCO_PERSON, LABELS
from vision.training.lying import FINEST, Cells, LyingRow
from vision.training.second_head import (
    BACKBONE_END,
    NECK_END,
    layers,
    resumed,
    second_head_model,
)

__all__ = ["Joined", "main"]

OPSET = 17


class Smoke(nn.Module):
    """The trained second neck and head, of which the row for smoke is used."""

    def __init__(self, coco: Any, path: Path) -> None:
        """`path`: what `train` wrote, or a network exported before."""
        super().__init__()
        model = second_head_model(coco)
        self.cut = BACKBONE_END
        if path.suffix == ".onnx":
            model = resumed(model, path)
        else:
            saved = torch.load(path, weights_only=True)
            if saved["folded"]:
                model.fuse(verbose=False)
            model.load_state_dict(saved["model"])
            model.fuse(verbose=False)
            self.cut = BACKBONE_END if saved["learn"] == "neck" else NECK_END
        self.model = exporting(model)
        self.row = 4 + CLASSES.index("smoke")

    def forward(self, known: dict[int, Tensor]) -> tuple[Tensor, Tensor]:
        """Boxes and their scores."""
        found = layers(self.model, self.cut, NECK_END + 1, known)[NECK_END]
        return found[:, :4], found[:, self.row : self.row + 1]


def halved(picture: Tensor) -> Tensor:
    """A picture at half its size, with grey at its right and lower edge up to whole strides."""
    small = nn.functional.avg_pool2d(picture, 2)
    height, width = small.shape[2:]
    margin = (0, -width % STRIDE, 0, -height % STRIDE)
    return nn.functional.pad(small, margin, value=PAD_GREY / 255)


def exporting(model: Any) -> Any:
    """Set a network up for a file that takes any input size."""
    model.eval()
    head = model.model[NECK_END]
    head.export, head.dynamic, head.format = True, True, "onnx"
    return model


def person_only(coco: Any) -> Any:
    """COCO's network without the rows of all that is no person."""
    head: Any = coco.model[NECK_END]
    for branch in head.cv3:
        old: nn.Conv2d = branch[-1]
        new = nn.Conv2d(old.in_channels, 1, 1)
        assert new.bias is not None
        assert old.bias is not None
        with torch.no_grad():
            new.weight[0], new.bias[0] = old.weight[COCO_PERSON], old.bias[COCO_PERSON]
        branch[-1] = new
    head.nc, head.no = 1, 1 + head.reg_max * 4
    return coco


class Joined(nn.Module):
    """COCO's network for people, the row for those who lie, and the smoke's neck and head."""

    def __init__(
        self, coco: Any, lying: LyingRow | None = None, smoke: Smoke | None = None
    ) -> None:
        """Without the others it is COCO's alone: the baseline."""
        super().__init__()
        self.coco = exporting(person_only(coco))
        self.cells, self.lying, self.smoke = Cells(self.coco), lying, smoke
        self.rows = ["person", *["lying"] * bool(lying), *["smoke"] * bool(smoke)]

    def forward(self, picture: Tensor) -> Tensor:
        """Centre, size and one score per row, for all boxes."""
        known = layers(self.coco, 0, NECK_END, {-1: picture})
        people = layers(self.coco, NECK_END, NECK_END + 1, known)[NECK_END]
        nothing = torch.zeros_like(people[:, :1])
        if self.lying:
            scores = self.lying(self.cells.of(known[FINEST])).sigmoid().flatten(2)
            coarser = nothing[:, :, scores.shape[2] :]
            people = torch.cat([people, torch.cat([scores, coarser], 2)], 1)
        if not self.smoke:
            return people
        boxes, scores = self.smoke(layers(self.coco, 0, self.smoke.cut, {-1: halved(picture)}))
        others = [torch.zeros_like(scores)] * (len(self.rows) - 1)
        plumes = torch.cat([2 * boxes, *others, scores], 1)
        return torch.cat([torch.cat([people, nothing], 1), plumes], 2)


def main() -> None:
    """Parse the command line and export."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--coco", type=Path, required=True, help="COCO YOLO11 checkpoint")
    parser.add_argument("--smoke", type=Path, help="what `train` wrote, or an exported network")
    parser.add_argument("--lying", type=Path, help="what `lying` wrote; without both: the baseline")
    parser.add_argument("--name", required=True)
    parser.add_argument("--width", type=int, default=960, help="usual input width, px")
    parser.add_argument("--height", type=int, default=544, help="usual input height, px")
    parser.add_argument(
        "--thresholds", default="person=0.25,lying=0.7,smoke=0.44", help="lowest confidences"
    )
    parser.add_argument(
        "--worth", type=float, default=0.01, help="what a score for lying counts beside COCO's"
    )
    parser.add_argument("--training", type=Path, help="JSON that says what the training used")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    coco, _ = load_checkpoint(str(arguments.coco))
    coco = coco.float()
    smoke = Smoke(coco, arguments.smoke) if arguments.smoke else None
    lying = None
    if arguments.lying:
        lying = LyingRow()
        lying.load_state_dict(torch.load(arguments.lying, weights_only=True))
    coco.fuse(verbose=False)
    joined = Joined(coco, lying, smoke).eval()
    arguments.out.mkdir(parents=True, exist_ok=True)
    file = arguments.out / f"{arguments.name}.onnx"
    with torch.no_grad():
        torch.onnx.export(
            joined,
            (torch.zeros(1, 3, arguments.height, arguments.width),),
            str(file),
            input_names=["pictures"],
            output_names=["boxes"],
            dynamic_axes={"pictures": {2: "height", 3: "width"}, "boxes": {2: "boxes"}},
            opset_version=OPSET,
            dynamo=False,
        )
    classes = joined.rows
    lowest = dict(pair.split("=") for pair in arguments.thresholds.split(","))
    thresholds = {name: float(lowest[name]) for name in classes}
    card = {
        "name": arguments.name,
        "file": file.name,
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "classes": classes,
        "labels": {k: v for k, v in LABELS.items() if k in classes},
        "worth": {"lying": arguments.worth} if lying else {},
        "input_width_px": arguments.width,
        "input_height_px": arguments.height,
        "flexible": True,
        "thresholds": thresholds,
        "nms_overlap": 0.5,
        "training": json.loads(arguments.training.read_text()) if arguments.training else {},
        "measured": {},
        "licence": "AGPL-3.0 (starts from Ultralytics YOLO11n)",
    }
    text = json.dumps(card, indent=2, ensure_ascii=False) + "\n"
    (arguments.out / f"{arguments.name}.json").write_text(text, encoding="utf-8")
    print(f"{file}: {file.stat().st_size / 1e6:.1f} MB, torch {torch.__version__}")


if __name__ == "__main__":
    main()
