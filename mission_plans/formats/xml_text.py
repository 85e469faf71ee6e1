"""XML from outside: no entities, no external references, bounded, every element with its line."""

import re
from collections.abc import Container, Iterator
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from mission_plans.formats.contents import Note
from mission_plans.formats.encoding import Decoded
from mission_plans.formats.errors import PlanFileError, TooMuchError
from mission_plans.formats.gathering import finite

__all__ = [
    "Lined",
    "child",
    "children",
    "line_of",
    "local_name",
    "number_in",
    "read_xml",
    "text_in",
    "unread_names",
]

MOST_ELEMENTS = 1_200_000
MOST_UNREAD = 30
MOST_MENDED = 2
"""Sorts of fault: a document of more is none."""
DEEPEST = 100
INVALID_TOKEN, UNDEFINED_ENTITY, UNBOUND_PREFIX = 4, 11, 27
"""Errors of expat."""
BARE_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9A-Fa-f]{1,6});)")
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
DECLARATION = re.compile(r"^\s*<\?xml.*?\?>", re.DOTALL)
ROOT = re.compile(r"<[A-Za-z_][^\s/>]*")
PREFIX_USED = re.compile(r"<([A-Za-z_][\w.-]{0,30}):|\s([A-Za-z_][\w.-]{0,30}):[\w.-]+\s*=\s*[\"']")
PREFIX_DECLARED = re.compile(r"\sxmlns:([A-Za-z_][\w.-]{0,30})\s*=")


class Lined(Element):
    """An element that knows the line it begins on."""

    __slots__ = ("line",)


class _Builder:
    """Builds the tree; counts elements and depth as they come."""

    def __init__(self) -> None:
        self._root: Lined | None = None
        self._expat: Any = None
        self._stack: list[Lined] = []
        self._text: list[str] = []
        self._count = 0

    def listen(self, expat: Any) -> None:
        """Take what the parser finds; its other handlers keep out document types and entities."""
        self._expat = expat
        expat.StartElementHandler = self._start
        expat.EndElementHandler = self._end
        expat.CharacterDataHandler = self._text.append

    def close(self) -> Lined | None:
        """Return the root, for the parser's own `close`."""
        return self._root

    def _start(self, tag: str, attributes: list[str]) -> None:
        self._count += 1
        line = self._expat.CurrentLineNumber
        if self._count > MOST_ELEMENTS:
            raise TooMuchError(
                f"line {line}",
                f"超过 {MOST_ELEMENTS} 个 XML 元素",
                f"more than {MOST_ELEMENTS} XML elements",
            )
        if len(self._stack) == DEEPEST:
            raise TooMuchError(
                f"line {line}", f"嵌套超过 {DEEPEST} 层", f"nested more than {DEEPEST} deep"
            )
        element = Lined(tag, dict(zip(attributes[::2], attributes[1::2], strict=True)))
        element.line = line
        if self._stack:
            parent = self._stack[-1]
            # What stands after a child is of no format's meaning.
            if self._text and parent.text is None:
                parent.text = "".join(self._text)
            parent.append(element)
        else:
            self._root = element
        self._text.clear()
        self._stack.append(element)

    def _end(self, tag: str) -> None:
        element = self._stack.pop()
        if self._text and element.text is None:
            element.text = "".join(self._text)
        self._text.clear()


def read_xml(decoded: Decoded, where: str = "file") -> tuple[Lined, list[Note]]:
    """Return the root of an XML document, and what of it had to be mended.

    Mended are prefixes without declaration, bare ampersands and control characters, which programs
    leave in names.

    Raises:
        PlanFileError: not XML (with line and column), or with a document type or entities, which
            an honest map or mission file has no use for.
    """
    # The text is decoded already: what the declaration says of the bytes no longer holds.
    text = DECLARATION.sub(lambda m: "\n" * m.group().count("\n"), decoded.text, count=1)
    text = text.lstrip(" \t")
    notes: list[Note] = []
    while True:
        try:
            return _parsed(text), notes
        except ParseError as error:
            mended, note = _mended(text, error.code)
            if note is None or len(notes) == MOST_MENDED:
                raise _malformed(error, where) from error
            text = mended
            notes.append(note)
        except (DefusedXmlException, ValueError, LookupError) as error:
            raise _refused(error, where) from error


def _mended(text: str, code: int) -> tuple[str, Note | None]:
    """Return a text without what the parser stumbled over, and what was done, None for nothing."""
    if code == UNBOUND_PREFIX:
        prefixes = _undeclared(text)
        declared = "".join(f' xmlns:{prefix}="urn:undeclared:{prefix}"' for prefix in prefixes)
        said = ", ".join(prefixes)
        note = Note(
            zh=f"前缀 {said} 未声明,照常读入",
            en=f"prefix {said} is not declared; read all the same",
        )
        mended = ROOT.sub(lambda m: m.group() + declared, text, count=1)
        return mended, note if prefixes else None
    if code in (INVALID_TOKEN, UNDEFINED_ENTITY):
        mended = CONTROL.sub("", BARE_AMPERSAND.sub("&amp;", text))
        note = Note(
            zh="XML 不合格(未转义的 & 或控制字符),已修正后读入",
            en="the XML is not well-formed (bare & or control characters); mended to read it",
        )
        return mended, note if mended != text else None
    return text, None


def _parsed(text: str) -> Lined:
    builder = _Builder()
    parser = DefusedXMLParser(target=builder, forbid_dtd=True)
    builder.listen(parser.parser)
    parser.feed(text)
    root = parser.close()
    if not isinstance(root, Lined):
        raise PlanFileError("file", "XML 中没有元素", "the XML holds no element")
    return root


def _malformed(error: ParseError, where: str) -> PlanFileError:
    line, column = error.position
    return PlanFileError(
        f"{where} line {line} column {column}",
        f"不是合格的 XML({error.msg})",
        f"not well-formed XML ({error.msg})",
    )


def _refused(error: Exception, where: str) -> PlanFileError:
    if isinstance(error, PlanFileError):
        return error
    return PlanFileError(
        where,
        "含有文档类型或实体声明,拒绝读入",
        "refused: it holds a document type or entities",
    )


def _undeclared(text: str) -> list[str]:
    used = {first or second for first, second in PREFIX_USED.findall(text)}
    declared = set(PREFIX_DECLARED.findall(text))
    return sorted(used - declared - {"xml", "xmlns"})[:20]


def local_name(element: Element) -> str:
    """Return an element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def unread_names(root: Element, read: Container[str], skipped: Container[str]) -> list[str]:
    """Return the names of elements that a reader does not know, the first thirty.

    Args:
        root: whose descendants are meant.
        read: names the reader understands.
        skipped: names of elements that are dealt with as a whole, inside and out.
    """
    found: dict[str, None] = {}
    waiting: list[Element] = [root]
    while waiting and len(found) < MOST_UNREAD:
        for inner in waiting.pop():
            name = local_name(inner)
            if name in skipped:
                continue
            if name not in read:
                found[name] = None
            waiting.append(inner)
    return sorted(found)


def line_of(element: Element) -> str:
    """Return where an element stands: `line 12`."""
    return f"line {element.line}" if isinstance(element, Lined) else "file"


def children(element: Element, name: str) -> Iterator[Element]:
    """Yield the direct children of a name, whatever their namespace."""
    return (found for found in element if local_name(found) == name)


def child(element: Element, name: str) -> Element | None:
    """Return the first direct child of a name."""
    return next(children(element, name), None)


def text_in(element: Element, name: str) -> str:
    """Return the text of a child, empty where there is none."""
    found = child(element, name)
    return "" if found is None else (found.text or "").strip()


def number_in(element: Element, name: str) -> float | None:
    """Return a child's number, None where it is missing or empty.

    Raises:
        PlanFileError: it is no finite number.
    """
    text = text_in(element, name)
    return finite(text, f"{line_of(element)} {name}") if text else None
