"""What must hold before the demo starts anything; each finding says what to do about it."""

import os
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from sim.demo.ports import Port, holder_of, is_free

__all__ = [
    "MARKER",
    "Problem",
    "check_arducopter",
    "check_data_dir",
    "check_ports",
    "check_shipped",
    "prepare_data_dir",
]

MARKER = ".xunshan-demo"
"""Marks a directory the demo made and may empty."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that keeps the demo from starting."""

    text_en: str
    text_zh: str

    def __str__(self) -> str:
        return f"{self.text_en}\n  {self.text_zh}"


def check_ports(ports: Iterable[Port], host: str = "127.0.0.1") -> list[Problem]:
    """Return a problem for each port that can't be used."""
    problems: list[Problem] = []
    users: dict[tuple[str, int], Port] = {}
    for port in ports:
        name = f"{port.protocol.upper()} port {port.number}"
        name_zh = f"{port.protocol.upper()} 端口 {port.number}({port.purpose_zh})"
        way_en = f"choose another with {port.option} or {port.variable}"
        way_zh = f"请用 {port.option} 或 {port.variable} 换一个端口"
        user = users.setdefault((port.protocol, port.number), port)
        if user is not port:
            problems.append(
                Problem(
                    f"{name} is wanted twice, for {user.purpose_en} and {port.purpose_en}; "
                    f"{way_en}.",
                    f"{name_zh}与{user.purpose_zh}重复;{way_zh}。",
                )
            )
            continue
        try:
            if is_free(port, host):
                continue
        except OSError as error:
            problems.append(
                Problem(
                    f"{name} ({port.purpose_en}) can't be opened: {error.strerror}; {way_en}.",
                    f"{name_zh}无法打开;{way_zh}。",
                )
            )
            continue
        holder = holder_of(port)
        problems.append(
            Problem(
                f"{name} ({port.purpose_en}) is in use"
                + (f" by {holder}" if holder else "")
                + f"; stop that program, or {way_en}.",
                f"{name_zh}已被占用"
                + (f",占用者 {holder}" if holder else "")
                + f";请停止该程序,或{way_zh}。",
            )
        )
    return problems


def check_data_dir(folder: Path, fresh: bool) -> list[Problem]:
    """Return why `folder` can't hold the demo's data; creates it where it is missing."""
    way_en = "choose another with --data-dir or XUNSHAN_DATA_DIR"
    way_zh = "请用 --data-dir 或 XUNSHAN_DATA_DIR 另选目录"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        reason = error.strerror or str(error)
        return [
            Problem(
                f"The data directory {folder} is not writable: {reason}; {way_en}.",
                f"数据目录 {folder} 不可写({reason});{way_zh}。",
            )
        ]
    if fresh and any(folder.iterdir()) and not (folder / MARKER).exists():
        return [
            Problem(
                f"The data directory {folder} holds something that the demo did not make, so it "
                f"won't be emptied; use --keep to run on what is there, or {way_en}.",
                f"数据目录 {folder} 里有不是演示程序生成的内容,不会清空;"
                f"可用 --keep 在其上运行,或{way_zh}。",
            )
        ]
    return []


def prepare_data_dir(folder: Path, fresh: bool) -> None:
    """Empty a directory that the demo made, if asked, and mark it as the demo's."""
    if fresh and (folder / MARKER).exists():
        for entry in folder.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()
    if not any(folder.iterdir()):
        (folder / MARKER).write_text("Made by `xunshan demo`, which may empty it.\n")
    for name in ("logs", "config"):
        (folder / name).mkdir(exist_ok=True)


def check_shipped(field_api: Path | None = None, vision: Path | None = None) -> list[Problem]:
    """Return what is missing of the built parts: the web pages and the detector's model.

    The two package folders are found by themselves unless given.
    """
    problems: list[Problem] = []
    web = (field_api or _package_folder("field_api")) / "web" / "dist" / "index.html"
    if not web.is_file():
        problems.append(
            Problem(
                f"The console's web pages are not built ({web} is missing); run `make web`.",
                f"指挥端网页尚未构建(缺少 {web});请运行 make web。",
            )
        )
    models = (vision or _package_folder("vision")) / "models"
    if not any(models.glob("*.onnx")):
        problems.append(
            Problem(
                f"The detector's model is missing: no .onnx file in {models}; "
                "get a complete checkout, or train one (see the folder's model card).",
                f"缺少检测模型:{models} 中没有 .onnx 文件;请取完整代码,或按模型卡重新训练。",
            )
        )
    return problems


def check_arducopter(binary: str | None, sitl_port: int = 5760) -> list[Problem]:
    """Return why the real autopilot can't be started."""
    if (sitl_port - 5760) % 10 or not 5760 <= sitl_port <= 8000:
        return [
            Problem(
                f"ArduCopter SITL can't listen on TCP port {sitl_port}; choose --sitl-port among "
                "5760, 5770, ... 8000.",
                f"ArduCopter SITL 不能使用 TCP 端口 {sitl_port};"
                "请用 --sitl-port 选 5760、5770……8000。",
            )
        ]
    if binary and Path(binary).is_file() and os.access(binary, os.X_OK):
        return []
    found = f"{binary} is not an executable file" if binary else "XUNSHAN_ARDUCOPTER is not set"
    return [
        Problem(
            f"--autopilot arducopter needs the ArduCopter SITL program: {found}; set "
            "XUNSHAN_ARDUCOPTER to its path, or leave --autopilot at `sim`.",
            f"--autopilot arducopter 需要 ArduCopter SITL 程序:{found};"
            "请把 XUNSHAN_ARDUCOPTER 设为它的路径,或使用 --autopilot sim。",
        )
    ]


def _package_folder(name: str) -> Path:
    """Return where a sibling package lies, without importing it (the house's import rules)."""
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError(f"the package {name} is not installed")
    return Path(next(iter(spec.submodule_search_locations)))
