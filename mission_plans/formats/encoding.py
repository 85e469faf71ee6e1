"""Bytes to text: by byte order mark, by declaration, or as UTF-8 and else GB18030.

GB2312 and GBK are read as GB18030, which contains them both.
"""

import codecs
import re
from dataclasses import dataclass, field
from typing import Literal

from mission_plans.formats.contents import Note
from mission_plans.formats.errors import PlanFileError

__all__ = ["Decoded", "decode"]

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
# Only encodings that turn letters into letters: Python knows others that unpack or run in squares.
TEXT_ENCODING = re.compile(
    r"^(ascii|utf-(8|16|32)(-[lb]e)?|iso8859-\d+|cp(125\d|437|850|866|874|932|936|949|950)"
    r"|gb2312|gbk|gb18030|big5(hkscs)?|shift_jis|euc_(jp|kr)|koi8-[ru]|mac-roman|tis-620)$"
)
WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "cp936": "gb18030", "ascii": "utf-8"}


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, and how its encoding is known."""

    text: str
    encoding: str
    known_from: Literal["bom", "declaration", "detected", "standard"]
    notes: list[Note] = field(default_factory=list[Note])


def decode(data: bytes) -> Decoded:
    """Return a file's text.

    Raises:
        PlanFileError: no text in any encoding that is read.
    """
    for mark, encoding in MARKS:
        if data.startswith(mark):
            text = _attempt(data[len(mark) :], encoding)
            if text is not None:
                return Decoded(text, encoding, "bom")
    notes: list[Note] = []
    declared = DECLARED.match(data[:400])
    if declared:
        said = declared.group(1).decode("ascii")
        encoding = _known(said)
        text = _attempt(data, encoding) if encoding else None
        if text is not None:
            return Decoded(text, said.lower(), "declaration")
        notes.append(
            Note(
                zh=f"声明的编码 {said} 不符,按内容判断",
                en=f"it is not in the encoding it declares ({said}); detected instead",
            )
        )
    for encoding in _likely(data):
        text = _attempt(data, encoding)
        if text is not None:
            if encoding == "gb18030":
                notes.append(
                    Note(zh="未声明编码,按 GB18030 读入", en="read as GB18030: it is not UTF-8")
                )
            return Decoded(text, encoding, "standard" if encoding == "utf-8" else "detected", notes)
    if data.lstrip()[:1] in (b"<", b"{"):
        text = _attempt(data, "cp1252")
        if text is not None:
            notes.append(
                Note(
                    zh="编码不明,按 Windows-1252 读入",
                    en="read as Windows-1252: its encoding is unclear",
                )
            )
            return Decoded(text, "cp1252", "detected", notes)
    raise PlanFileError(
        "file",
        "不是文本,或编码未知;请用 UTF-8、UTF-16 或 GB18030",
        "no text in an encoding that is read; use UTF-8, UTF-16 or GB18030",
    )


def _known(name: str) -> str | None:
    try:
        known = codecs.lookup(name).name
    except LookupError:
        return None
    return WIDER.get(known, known) if TEXT_ENCODING.match(known) else None


def _likely(data: bytes) -> tuple[str, ...]:
    head = data[:200]
    if head[1::2].count(0) > len(head) // 4:
        return ("utf-16-le",)
    if head[::2].count(0) > len(head) // 4:
        return ("utf-16-be",)
    return ("utf-8", "gb18030")


def _attempt(data: bytes, encoding: str) -> str | None:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text
