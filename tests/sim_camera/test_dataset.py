"""Training pictures: the same seed writes the same files, and labels are valid YOLO lines."""

from pathlib import Path

import cv2

from sim.camera.dataset import write_dataset
from sim.camera.projection import Lens

LENS = Lens(640, 368)


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_seed_writes_the_same_set(tmp_path: Path) -> None:
    boxes = write_dataset(tmp_path / "a", 6, 11, LENS)
    again = write_dataset(tmp_path / "b", 6, 11, LENS)
    one = files(tmp_path / "a")
    assert boxes == again
    assert one == files(tmp_path / "b")
    assert len(one) == 13
    heights = one["heights.csv"].decode().splitlines()
    assert heights[0] == "name,agl_m"
    assert all(15 < float(line.split(",")[1]) < 160 for line in heights[1:])
    assert len(heights) == 7
    lines = [
        line
        for name, content in one.items()
        if name.endswith(".txt")
        for line in content.decode().splitlines()
    ]
    assert len(lines) == boxes
    for line in lines:
        label, *numbers = line.split()
        cx, cy, w, h = (float(number) for number in numbers)
        assert label in {"0", "1"}
        assert cx - w / 2 + 1e-6 >= 0
        assert cx + w / 2 <= 1 + 1e-6
        assert cy - h / 2 + 1e-6 >= 0
        assert cy + h / 2 <= 1 + 1e-6
    picture = cv2.imread(str(tmp_path / "a" / "images" / "000000.jpg"))
    assert picture is not None
    assert picture.shape == (368, 640, 3)
