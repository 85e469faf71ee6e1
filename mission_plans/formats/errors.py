"""The errors of plan files, in both languages."""

from collections.abc import Sequence

from mission_plans.formats.contents import LeftOut

__all__ = ["NothingUsableError", "PlanFileError", "TooMuchError"]


class PlanFileError(ValueError):
    """A file can't be used; the text names the line or field and what is allowed."""

    def __init__(self, where: str, zh: str, en: str) -> None:
        super().__init__(f"{where}: {zh} / {en}")
        self.where = where
        self.zh = zh
        self.en = en


class TooMuchError(PlanFileError):
    """The whole file is over a limit, whatever its parts are worth."""


class NothingUsableError(PlanFileError):
    """A file of a format that is read holds nothing that can be used; says all that it holds."""

    def __init__(self, format_name: str, left_out: Sequence[LeftOut]) -> None:
        first = next(iter(left_out), None)
        zh = en = ""
        if first is not None:
            name = f"{first.name}: " if first.name else ""
            more = len(left_out) - 1
            zh = f";{name}{first.zh}" + (f",另有 {more} 处" if more else "")
            en = f"; {name}{first.en}" + (f", and {more} more" if more else "")
        super().__init__(
            first.where if first is not None else "file",
            f"{format_name} 文件里没有可用的内容(区域、线、点、围栏、集结点或任务){zh}",
            f"nothing in this {format_name} file can be used (no area, line, point, fence, rally "
            f"point or mission){en}",
        )
        self.left_out = list(left_out)
