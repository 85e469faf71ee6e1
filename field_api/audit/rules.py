"""How audit entries are chained and how a chain is proved."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

__all__ = ["GENESIS", "ChainFault", "Entry", "canonical", "entry_hash", "first_fault"]

GENESIS = "0" * 64
"""What the first entry is chained to."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What an entry's hash covers."""

    seq: int
    t_ms: int
    actor: str
    actor_name: str
    source: str
    action: str
    subject: str
    incident_id: str | None
    text_zh: str
    text_en: str
    refs_json: str


@dataclass(frozen=True, slots=True)
class ChainFault:
    """The first place where a chain breaks."""

    seq: int
    reason: str


def canonical(value: object) -> str:
    """Return the one JSON text of a plain value."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def entry_hash(prev_hash: str, entry: Entry) -> str:
    """Return the SHA-256 that binds `entry` to everything before it."""
    return hashlib.sha256((prev_hash + canonical(asdict(entry))).encode()).hexdigest()


def first_fault(chain: Iterable[tuple[Entry, str, str]]) -> ChainFault | None:
    """Return where a chain of (entry, prev_hash, hash) first breaks, None if it is whole."""
    expected_prev = GENESIS
    for expected_seq, (entry, prev_hash, stored_hash) in enumerate(chain, start=1):
        if entry.seq != expected_seq:
            return ChainFault(expected_seq, f"entry {expected_seq} is missing")
        if prev_hash != expected_prev:
            return ChainFault(entry.seq, "it is not chained to the entry before")
        if entry_hash(prev_hash, entry) != stored_hash:
            return ChainFault(entry.seq, "its content does not match its hash")
        expected_prev = stored_hash
    return None
