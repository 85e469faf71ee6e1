"""Texts in both languages: every feature folder brings `zh.json` and `en.json`, merged here.

Keys are dotted: `errors.CODE` for refusals, `acts.ACTION` for the audit trail, `words.…` for what
is put into them. A value that is a pair of texts goes into each language as its own half;
`{name|one|many}` is the word for one or for another number.
"""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

__all__ = ["LANGUAGES", "Both", "both", "catalogue", "has_text", "joined", "told"]

LANGUAGES = ("zh", "en")
_ROOT = Path(__file__).parent.parent
_COUNTED = re.compile(r"\{(\w+)\|([^|}]*)\|([^|}]*)\}")
_CHINESE = re.compile("[\u4e00-\u9fff]")


class Both(NamedTuple):
    """One text in both languages."""

    zh: str
    en: str


def _flat(prefix: str, tree: Mapping[str, object]) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in tree.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            found |= _flat(f"{name}.", value)  # pyright: ignore[reportUnknownArgumentType]
        else:
            found[name] = str(value)
    return found


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Return every text of a language by its dotted key.

    Raises:
        ValueError: two folders give the same key.
    """
    merged: dict[str, str] = {}
    folders = ("core/**", "features/*", "links/*", "serving")
    for file in sorted(file for part in folders for file in _ROOT.glob(f"{part}/{language}.json")):
        texts = _flat("", json.loads(file.read_text("utf-8")))
        twice = merged.keys() & texts.keys()
        if twice:
            raise ValueError(f"{file}: {', '.join(sorted(twice))} stand in another folder too")
        merged |= texts
    return merged


def has_text(key: str) -> bool:
    """Whether a key stands in the catalogues."""
    return key in catalogue("zh")


def both(key: str, /, **values: object) -> Both:
    """Return a text in both languages with its values put in.

    Raises:
        KeyError: there is no such key, or a value it names is not given.
    """

    def written(at: int) -> str:
        given = {
            name: value[at] if isinstance(value, Both) else value for name, value in values.items()
        }
        text = catalogue(LANGUAGES[at])[key]
        return _COUNTED.sub(lambda m: m[2] if given[m[1]] == 1 else m[3], text).format(**given)

    return Both(written(0).strip(), written(1).strip())


def told(text: str) -> Both:
    """Return a node's words by language: it says `中文 / English`, or the same to everybody."""
    zh, slash, en = text.partition(" / ")
    if slash and _CHINESE.search(zh) and not _CHINESE.search(en):
        return Both(zh, en)
    return Both(text, text)


def joined(texts: list[Both], zh: str = ";", en: str = "; ") -> Both:
    """Return several texts as one."""
    return Both(zh.join(text.zh for text in texts), en.join(text.en for text in texts))
