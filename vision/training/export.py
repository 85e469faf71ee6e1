# pyright: reportMissingImports=false, reportUntypedBaseClass=false
# (the `train` extra is not installed where the product runs)
"""Writes what ships: `python -m vision.training.export --weights FILE --name NAME --out DIR`.

The checkpoint becomes `NAME.onnx` (float32, fixed input) and `NAME.json`, its card, with thresholds
and, after `evaluate --card`, the measured figures.
"""

import argparse
import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import torch
from ultralytics import YOLO

from vision.training.classes import CLASSES

__all__ = ["main"]

OPSET = 17


def main() -> None:
    """Parse the command line and export."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--width", type=int, default=960, help="input width, px")
    parser.add_argument("--height", type=int, default=544, help="input height, px")
    parser.add_argument("--person", type=float, default=0.25, help="lowest person confidence")
    parser.add_argument("--smoke", type=float, default=0.2, help="lowest smoke confidence")
    parser.add_argument("--training", type=Path, help="JSON that says what the training used")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    model: Any = YOLO(str(arguments.weights))
    names: dict[int, str] = model.names
    classes = [names[i] for i in range(len(names))]
    # A COCO model can be exported too, as a baseline for people; its other rows stay unused.
    if classes != list(CLASSES) and classes[0] != CLASSES[0]:
        parser.error(f"the model's classes are {classes[:5]}..., wanted {list(CLASSES)}")
    exported = model.export(
        format="onnx",
        imgsz=(arguments.height, arguments.width),
        opset=OPSET,
        simplify=False,
        dynamic=False,
    )
    arguments.out.mkdir(parents=True, exist_ok=True)
    file = arguments.out / f"{arguments.name}.onnx"
    shutil.move(exported, file)
    card = {
        "name": arguments.name,
        "file": file.name,
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "classes": classes if len(classes) == len(CLASSES) else [CLASSES[0]],
        "input_width_px": arguments.width,
        "input_height_px": arguments.height,
        "thresholds": {"person": arguments.person, "smoke": arguments.smoke},
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
