"""The command post's rules for looking: taken, kept over a restart, applied.

A box in an ignored region goes nowhere: not to viewers, not to the tracker, not to an alert.
"""

from collections.abc import Iterable
from pathlib import Path

import structlog
from pydantic import ValidationError

from field_api.contract.messages import DetectorRules
from vision.decoding import DecodedFrame
from vision.detector import RawBox
from vision.registry import MODELS, ModelCard, ModelError, load_card

__all__ = ["RulesKeeper", "find_model", "known_models", "outside"]

log = structlog.get_logger(__name__)


class RulesKeeper:
    """Holds the newest rules; on disk, so that a node that starts alone looks as it did before."""

    def __init__(self, folder: Path, node_id: str) -> None:
        """Read what was kept; a damaged file counts as none and is said in the log."""
        self._file = folder / "rules.json"
        self._node_id = node_id
        self.rules: DetectorRules | None = None
        try:
            self.rules = DetectorRules.model_validate_json(self._file.read_bytes())
        except FileNotFoundError:
            pass
        except (OSError, ValidationError) as error:
            log.error("rules_unreadable", file=str(self._file), reason=str(error)[:200])

    @property
    def version(self) -> int:
        """Of the rules that are followed, 0 for none."""
        return self.rules.version if self.rules else 0

    def take(self, rules: DetectorRules) -> bool:
        """Follow rules from now on; return False for another node's, and for those followed.

        The command post's word counts, whatever its number: a post that was restored from a backup
        begins again at a lower one.
        """
        if rules.node_id != self._node_id or rules == self.rules:
            return False
        self.rules = rules
        making = self._file.with_suffix(".part")
        try:
            making.write_text(rules.model_dump_json(), "utf-8")
            making.replace(self._file)
        except OSError as error:
            # Followed all the same; after a restart the command post says them again.
            log.error("rules_not_kept", reason=str(error))
        return True


def outside(
    boxes: Iterable[RawBox], rules: DetectorRules | None, stream_id: str, frame: DecodedFrame
) -> list[RawBox]:
    """Return the boxes whose middle lies in no ignored region of the picture as it was sent."""
    ignored = rules.ignored.get(stream_id, []) if rules else []
    kept: list[RawBox] = []
    for box in boxes:
        x, y, w, h = frame.as_sent(box.x, box.y, box.w, box.h)
        middle_x, middle_y = x + w / 2, y + h / 2
        if not any(
            region.x <= middle_x <= region.x + region.w
            and region.y <= middle_y <= region.y + region.h
            for region in ignored
        ):
            kept.append(box)
    return kept


def known_models(configured: str) -> dict[str, str]:
    """Return the models that a node can look with, by name: shipped ones, and those beside its own.

    The values are what `load_card` takes.
    """
    own = Path(configured)
    folders = [MODELS, *([own.parent] if own.suffix == ".json" else [])]
    return {file.stem: str(file) for folder in folders for file in sorted(folder.glob("*.json"))}


def find_model(name: str, configured: str) -> ModelCard:
    """Return the card of a model by its name.

    Raises:
        ModelError: the node has none of this name, or its card or file is damaged.
    """
    found = known_models(configured).get(name)
    if found is None:
        raise ModelError(f"no model {name!r} here")
    card = load_card(found)
    card.verified_bytes()
    return card
