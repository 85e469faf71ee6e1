# pyright: reportMissingImports=false
# (the `train` extra is not installed where the product runs)
"""Averages checkpoints of one run: `python -m vision.training.average --out FILE A B C`.

Weights of the same training path average to a model that forgets less of the earlier pictures than
the last checkpoint does (a "model soup", Wortsman et al. 2022).
"""

import argparse
from pathlib import Path
from typing import Any

import torch

__all__ = ["main"]


def main() -> None:
    """Parse the command line and average."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("checkpoints", type=Path, nargs="+")
    arguments = parser.parse_args()
    # A checkpoint is a pickle: only load files of your own training.
    loaded: list[Any] = [
        torch.load(path, map_location="cpu", weights_only=False) for path in arguments.checkpoints
    ]
    models = [(c.get("ema") or c["model"]).float() for c in loaded]
    states = [m.state_dict() for m in models]
    mean = {
        name: sum(s[name] for s in states) / len(states) if value.is_floating_point() else value
        for name, value in states[0].items()
    }
    models[0].load_state_dict(mean)
    torch.save({**loaded[0], "ema": None, "model": models[0], "optimizer": None}, arguments.out)


if __name__ == "__main__":
    main()
