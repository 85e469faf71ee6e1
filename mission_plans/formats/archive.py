"""Zip archives from outside: bounded in members and in bytes when unpacked."""

import io
import struct
import zipfile
import zlib

from mission_plans.formats.errors import PlanFileError, TooMuchError

__all__ = ["LARGEST_BYTES", "Archive", "zipped"]

LARGEST_BYTES = 20_000_000
"""Of one file, packed or not."""
MOST_MEMBERS = 2_000
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    ValueError,
    RuntimeError,
    NotImplementedError,
    OSError,
    EOFError,
)


class Archive:
    """An archive of which files are unpacked one by one, never more in all than the limit."""

    def __init__(self, data: bytes) -> None:
        """Open an archive.

        Raises:
            PlanFileError: none, or with too many files.
        """
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            infos = [info for info in self._zip.infolist() if not info.filename.endswith("/")]
        except BROKEN as error:
            raise _broken(error) from error
        if len(infos) > MOST_MEMBERS:
            raise TooMuchError(
                "file",
                f"压缩包里超过 {MOST_MEMBERS} 个文件",
                f"the archive holds more than {MOST_MEMBERS} files",
            )
        self.members = [(info, _meant(info)) for info in infos]
        """Files with their names as they were meant."""
        self._room = LARGEST_BYTES

    def unpack(self, info: zipfile.ZipInfo) -> bytes:
        """Return one file.

        Raises:
            PlanFileError: broken, encrypted, or too large with those before.
        """
        if info.file_size > self._room:
            raise _too_large(info)
        # The others may ask for gigabytes of memory before the first byte comes.
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise PlanFileError(
                info.filename[:80],
                "压缩方法不支持,只读 Deflate",
                "packed in a way that is not read; only Deflate is",
            )
        try:
            with self._zip.open(info) as member:
                content = member.read(self._room + 1)
        except BROKEN as error:
            raise _broken(error) from error
        if len(content) > self._room:
            raise _too_large(info)
        self._room -= len(content)
        return content


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
