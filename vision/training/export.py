# pyright: reportMissingImports=false, reportUntypedBaseClass=false, reportUnknownParameterType=false
# (the `train` extra is not installed where the product runs)
"""Writes what ships: `python -m vision.training.export --coco FILE --second FILE --out DIR`.

COCO's network and the second head become one `NAME.onnx` (float32, any input size) on their common
trunk, and `NAME.json`, its card. The boxes of both stand side by side in the output; each scores 0
in the rows of the other's classes.
"""

import argparse
import hashlib
import json
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from ultralytics.nn.tasks import load_checkpoint

from vision.training.classes import COCO_PERSON, LABELS, ROWS
from vision.training.second_head import BACKBONE_END, NECK_END, layers, second_head_model

__all__ = ["Joined", "main"]

OPSET = 17


class Joined(nn.Module):
    """One trunk, two heads."""

    def __init__(self, coco: Any, second: Any | None, cut: int) -> None:
        """Without a second network it is COCO's alone: the baseline."""
        super().__init__()
        self.coco, self.second, self.cut = coco.eval(), second.eval() if second else None, cut
        for model in (coco, second):
            if model is not None:
                head = model.model[NECK_END]
                head.export, head.dynamic, head.format = True, True, "onnx"

    def forward(self, picture: Tensor) -> Tensor:
        """Centre, size and one score per row, for the boxes of both heads."""
        known = layers(self.coco, 0, self.cut, {-1: picture})
        first = layers(self.coco, self.cut, NECK_END + 1, known)[NECK_END]
        people = first[:, 4 + COCO_PERSON : 5 + COCO_PERSON]
        none = torch.zeros_like(people)
        if self.second is None:
            return torch.cat([first[:, :4], people], 1)
        second = layers(self.second, self.cut, NECK_END + 1, known)[NECK_END]
        return torch.cat(
            [
                torch.cat([first[:, :4], people, none, none], 1),
                torch.cat([second[:, :4], none, second[:, 5:6], second[:, 4:5]], 1),
            ],
            2,
        )


def main() -> None:
    """Parse the command line and export."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--coco", type=Path, required=True, help="COCO YOLO11 checkpoint")
    parser.add_argument("--second", type=Path, help="what `train` wrote; none: the baseline")
    parser.add_argument("--name", required=True)
    parser.add_argument("--width", type=int, default=960, help="usual input width, px")
    parser.add_argument("--height", type=int, default=544, help="usual input height, px")
    parser.add_argument("--person", type=float, default=0.25, help="lowest confidence")
    parser.add_argument("--smoke", type=float, default=0.25, help="lowest confidence")
    parser.add_argument("--lying", type=float, default=0.3, help="lowest confidence")
    parser.add_argument("--training", type=Path, help="JSON that says what the training used")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    coco, _ = load_checkpoint(str(arguments.coco))
    coco = coco.float()
    second, cut = None, NECK_END
    if arguments.second:
        saved = torch.load(arguments.second, weights_only=True)
        second = second_head_model(coco)
        second.load_state_dict(saved["model"])
        second.fuse(verbose=False)
        cut = BACKBONE_END if saved["learn"] == "neck" else NECK_END
    coco.fuse(verbose=False)
    joined = Joined(coco, second, cut).eval()
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
    classes = ROWS if second is not None else ROWS[:1]
    thresholds = {name: getattr(arguments, name) for name in classes}
    card = {
        "name": arguments.name,
        "file": file.name,
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "classes": list(classes),
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
