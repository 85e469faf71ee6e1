"""Zip archives from outside: bounded in members and in bytes when unpacked."""

import io
import zipfile
import zlib

from mission_plans.formats.errors import PlanFileError, TooMuchError

__all__ = ["LARGEST_BYTES", "member_names", "unpacked", "zipped"]

LARGEST_BYTES = 20_000_000
"""Of one file, packed or not."""
MOST_MEMBERS = 2_000
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    ValueError,
    RuntimeError,
    NotImplementedError,
    OSError,
    EOFError,
)


def member_names(data: bytes) -> list[tuple[zipfile.ZipInfo, str]]:
    """Return the files of an archive with their names as they were meant.

    Raises:
        PlanFileError: no archive, or too many files.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
    except BROKEN as error:
        raise _broken(error) from error
    if len(infos) > MOST_MEMBERS:
        raise TooMuchError(
            "file",
            f"压缩包里超过 {MOST_MEMBERS} 个文件",
            f"the archive holds more than {MOST_MEMBERS} files",
        )
    return [(info, _meant(info)) for info in infos]


def _meant(info: zipfile.ZipInfo) -> str:
    """Return a name; programs that set no flag write names in the machine's own encoding."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        raw = info.filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename


def unpacked(data: bytes, info: zipfile.ZipInfo, room: int = LARGEST_BYTES) -> bytes:
    """Return one file of an archive.

    Raises:
        PlanFileError: broken, encrypted, or larger than `room`.
    """
    if info.file_size > room:
        raise _too_large(info)
    # The others may ask for gigabytes of memory before the first byte comes.
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise PlanFileError(
            info.filename[:80],
            "压缩方法不支持,只读 Deflate",
            "packed in a way that is not read; only Deflate is",
        )
    try:
        with (
            zipfile.ZipFile(io.BytesIO(data)) as archive,
            archive.open(info) as member,
        ):
            content = member.read(room + 1)
    except BROKEN as error:
        raise _broken(error) from error
    if len(content) > room:
        raise _too_large(info)
    return content


def _too_large(info: zipfile.ZipInfo) -> TooMuchError:
    return TooMuchError(
        info.filename[:80],
        f"解压后超过 {LARGEST_BYTES // 1_000_000} MB",
        f"unpacks to too much: more than {LARGEST_BYTES // 1_000_000} MB",
    )


def _broken(error: BaseException) -> PlanFileError:
    return PlanFileError(
        "file",
        f"压缩包打不开({str(error)[:80]})",
        f"no readable archive ({str(error)[:80]})",
    )


def zipped(members: dict[str, bytes]) -> bytes:
    """Return an archive of files; the same files give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)
    return out.getvalue()
