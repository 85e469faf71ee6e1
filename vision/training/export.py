# pyright: reportMissingImports=false, reportUntypedBaseClass=false, reportUnknownParameterType=false
# (the `train` extra is not installed where the product runs)
"""Writes what ships: `python -m vision.training.export --coco FILE --second FILE:ROW... --out DIR`.

COCO's network and what was learnt beside it become one `NAME.onnx` (float32, any input size) on
their common trunk, and `NAME.json`, its card. The boxes of all heads stand side by side in the
output; each scores 0 in the rows of the others' classes.

    --second new.pt:smoke,lying                          both of one training
    --second new.pt:smoke --second other.pt:lying:1      of two, lying people, who are small, from
                                                         the finest grid only
"""

import argparse
import hashlib
import json
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from ultralytics.nn.tasks import load_checkpoint

from vision.training.classes import COCO_PERSON, LABELS
from vision.training.second_head import (
    BACKBONE_END,
    NECK_END,
    layers,
    resumed,
    second_head_model,
)

__all__ = ["Joined", "main"]

OPSET = 17


class Second(nn.Module):
    """One trained neck and head, and which of its rows and grids are used."""

    def __init__(self, coco: Any, text: str) -> None:
        """`text`: checkpoint or exported network, rows, how many grids from the finest on."""
        super().__init__()
        path, rows, *grids = text.split(":")
        self.rows = rows.split(",")
        model = second_head_model(coco)
        self.cut = BACKBONE_END
        if path.endswith(".onnx"):
            model = resumed(model, Path(path))
        else:
            saved = torch.load(path, weights_only=True)
            if saved["folded"]:
                model.fuse(verbose=False)
            model.load_state_dict(saved["model"])
            model.fuse(verbose=False)
            self.cut = BACKBONE_END if saved["learn"] == "neck" else NECK_END
        self.model = exporting(model)
        head: Any = self.model.model[NECK_END]
        learnt = {"lying": 0, "smoke": 1}  # the rows of `CLASSES`
        self.indices = [4 + learnt[row] for row in self.rows]
        if grids:
            count = int(grids[0])
            head.nl, head.f = count, head.f[:count]
            head.cv2, head.cv3, head.stride = (
                head.cv2[:count],
                head.cv3[:count],
                head.stride[:count],
            )
        self.last = max(head.f)

    def forward(self, known: dict[int, Tensor]) -> tuple[Tensor, Tensor]:
        """Boxes and the scores of the rows."""
        found = (
            layers(self.model, self.cut, self.last + 1, known) if self.cut <= self.last else known
        )
        found = layers(self.model, NECK_END, NECK_END + 1, found)[NECK_END]
        return found[:, :4], found[:, self.indices]


def exporting(model: Any) -> Any:
    """Set a network up for a file that takes any input size."""
    model.eval()
    head = model.model[NECK_END]
    head.export, head.dynamic, head.format = True, True, "onnx"
    return model


class Joined(nn.Module):
    """One trunk, COCO's head for people and what was learnt beside it."""

    def __init__(self, coco: Any, seconds: list[Second]) -> None:
        """Without a second network it is COCO's alone: the baseline."""
        super().__init__()
        self.coco, self.seconds = exporting(coco), nn.ModuleList(seconds)
        self.cut = min((second.cut for second in seconds), default=NECK_END)
        self.rows = ["person", *(row for second in seconds for row in second.rows)]

    def forward(self, picture: Tensor) -> Tensor:
        """Centre, size and one score per row, for the boxes of all heads."""
        known = layers(self.coco, 0, self.cut, {-1: picture})
        first = layers(self.coco, self.cut, NECK_END + 1, known)[NECK_END]
        found = [(first[:, :4], first[:, 4 + COCO_PERSON : 5 + COCO_PERSON])]
        found += [second(known) for second in self.seconds]
        return torch.cat([self._alone(i, found) for i in range(len(found))], 2)

    def _alone(self, head: int, found: list[tuple[Tensor, Tensor]]) -> Tensor:
        """One head's boxes with its scores in its rows and zeros in the others'."""
        boxes, own = found[head]
        rows = [
            own if i == head else torch.zeros_like(own[:, :1]).repeat(1, scores.shape[1], 1)
            for i, (_, scores) in enumerate(found)
        ]
        return torch.cat([boxes, *rows], 1)


def main() -> None:
    """Parse the command line and export."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--coco", type=Path, required=True, help="COCO YOLO11 checkpoint")
    parser.add_argument(
        "--second",
        action="append",
        default=[],
        metavar="FILE:ROW[,ROW][:GRIDS]",
        help="what `train` wrote, and which classes to take of it; none: the baseline",
    )
    parser.add_argument("--name", required=True)
    parser.add_argument("--width", type=int, default=960, help="usual input width, px")
    parser.add_argument("--height", type=int, default=544, help="usual input height, px")
    parser.add_argument("--person", type=float, default=0.25, help="lowest confidence")
    parser.add_argument("--smoke", type=float, default=0.44, help="lowest confidence")
    parser.add_argument("--lying", type=float, default=0.4, help="lowest confidence")
    parser.add_argument("--training", type=Path, help="JSON that says what the training used")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    coco, _ = load_checkpoint(str(arguments.coco))
    coco = coco.float()
    seconds = [Second(coco, text) for text in arguments.second]
    coco.fuse(verbose=False)
    joined = Joined(coco, seconds).eval()
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
    thresholds = {name: getattr(arguments, name) for name in classes}
    card = {
        "name": arguments.name,
        "file": file.name,
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "classes": classes,
        "labels": {k: v for k, v in LABELS.items() if k in classes},
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
