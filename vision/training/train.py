# pyright: reportMissingImports=false, reportUntypedBaseClass=false
# (the `train` extra is not installed where the product runs)
"""Fine-tunes the two-class detector: `python -m vision.training.train --data DIR --weights FILE`.

The backbone is frozen: it knows people from all of COCO, the training set shows few, and half the
work is saved on machines without a graphics processor.
"""

import argparse
import shutil
from pathlib import Path
from typing import Any

import torch
from ultralytics.models.yolo.detect import DetectionTrainer
from ultralytics.nn.tasks import load_checkpoint

from vision.training.head import two_class_model

__all__ = ["main"]

BACKBONE_LAYERS = 11


class _Trainer(DetectionTrainer):
    def get_model(self, cfg: Any = None, weights: Any = None, verbose: bool = True) -> Any:
        """Take the whole given model, not only the tensors that fit a fresh one."""
        model, _ = load_checkpoint(self.args.pretrained)
        model = two_class_model(model.float())
        for parameter in model.parameters():
            parameter.requires_grad = True
        return model


def main() -> None:
    """Parse the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder made by prepare")
    parser.add_argument(
        "--weights", type=Path, required=True, help="YOLO11 checkpoint to start from"
    )
    parser.add_argument("--out", type=Path, required=True, help="checkpoint to write (.pt)")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--size", type=int, default=416, help="training picture side, px")
    parser.add_argument("--rate", type=float, default=1e-3, help="peak learning rate (AdamW)")
    parser.add_argument(
        "--hours", type=float, help="stop after this many hours instead of --epochs"
    )
    parser.add_argument("--mosaic", type=float, default=0.6, help="share of 4-picture mosaics")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--device", default="cpu", help="cpu, or a CUDA device number")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    run = arguments.out.parent / f"{arguments.out.stem}-run"
    trainer = _Trainer(
        overrides={
            "model": str(arguments.weights),
            "pretrained": str(arguments.weights),
            "data": str(arguments.data / "data.yaml"),
            "project": str(run.parent.resolve()),
            "name": run.name,
            "exist_ok": True,
            "epochs": arguments.epochs,
            "time": arguments.hours,
            "batch": arguments.batch,
            "nbs": arguments.batch,
            "imgsz": arguments.size,
            "optimizer": "AdamW",
            "lr0": arguments.rate,
            "lrf": 0.05,
            "warmup_epochs": 0.5,
            "freeze": BACKBONE_LAYERS,
            "mosaic": arguments.mosaic,
            "close_mosaic": 2,
            "scale": 0.4,
            "translate": 0.1,
            "hsv_s": 0.5,
            "hsv_v": 0.4,
            "fliplr": 0.5,
            "erasing": 0.0,
            "workers": 1,
            "cache": "ram",
            "val": False,
            "plots": False,
            "save_period": 1,
            "seed": arguments.seed,
            "device": arguments.device,
            "amp": False,
        }
    )
    trainer.train()
    shutil.copyfile(run / "weights" / "last.pt", arguments.out)


if __name__ == "__main__":
    main()
