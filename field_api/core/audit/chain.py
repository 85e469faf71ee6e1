"""How audit entries are chained and how a chain is proved. Pure.

The chain holds a salted hash of each entry's text, so that a person's data can be erased (the text
and its salt are deleted) without breaking it.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import cache

__all__ = [
    "GENESIS",
    "ChainFault",
    "Entry",
    "Words",
    "canonical",
    "entry_hash",
    "first_fault",
    "plain",
    "words_hash",
]

GENESIS = "0" * 64
"""What the first entry is chained to."""


@dataclass(frozen=True, slots=True)
class Words:
    """The erasable half of an entry: who, from where, and in words what."""

    actor: str
    actor_name: str
    source: str
    text_zh: str
    text_en: str
    refs: dict[str, str]


@dataclass(frozen=True, slots=True)
class Entry:
    """What an entry's hash covers."""

    seq: int
    t_ms: int
    action: str
    subject: str
    incident_id: str | None
    words_sha256: str


@dataclass(frozen=True, slots=True)
class ChainFault:
    """The first place where a chain breaks."""

    seq: int
    reason: str


_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def canonical(value: object) -> str:
    """Return the one JSON text of a plain value."""
    return _encode(value)


@cache
def _names(kind: type[Entry] | type[Words]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def plain(value: Entry | Words) -> dict[str, object]:
    """Return an entry or its words by name (`asdict` copies deeply and takes ten times as long)."""
    return {name: getattr(value, name) for name in _names(type(value))}


def words_hash(salt: str, words: Words) -> str:
    """Return the salted SHA-256 of an entry's words: without the salt it tells nothing."""
    return hashlib.sha256((salt + canonical(plain(words))).encode()).hexdigest()


def entry_hash(prev_hash: str, entry: Entry) -> str:
    """Return the SHA-256 that binds `entry` to everything before it."""
    return hashlib.sha256((prev_hash + canonical(plain(entry))).encode()).hexdigest()


def first_fault(
    chain: Iterable[tuple[Entry, str, str, tuple[str, Words] | None]], erased: frozenset[int]
) -> ChainFault | None:
    """Return where a chain first breaks, None if it is whole.

    Args:
        chain: entry, previous hash, hash, and salt with words (None where they are gone).
        erased: entries whose words an act of erasure names; words missing elsewhere are a fault.
    """
    expected_prev = GENESIS
    for expected_seq, (entry, prev_hash, stored_hash, words) in enumerate(chain, start=1):
        if entry.seq != expected_seq:
            return ChainFault(expected_seq, f"entry {expected_seq} is missing")
        if prev_hash != expected_prev:
            return ChainFault(entry.seq, "it is not chained to the entry before")
        if entry_hash(prev_hash, entry) != stored_hash:
            return ChainFault(entry.seq, "its content does not match its hash")
        if words is None:
            if entry.seq not in erased:
                return ChainFault(entry.seq, "its words are gone and no act of erasure names it")
        elif words_hash(*words) != entry.words_sha256:
            return ChainFault(entry.seq, "its words do not match its hash")
        expected_prev = stored_hash
    return None
