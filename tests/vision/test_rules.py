"""A vision node looks by the command post's rules, also after a restart without the post."""

import json
from pathlib import Path

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from field_api.contract.messages import DetectorRules, PictureRegion
from tests.vision.camera_peer import CameraPeer, free_port, level_flight
from tests.vision.post_peer import PostPeer
from tests.vision.test_node import (
    CAMERA_LAT,
    CAMERA_LON,
    BrightSpotDetector,
    node_config,
    running,
)
from vision.decoding import DecodedFrame
from vision.detector import RawBox
from vision.geolocation import GroundPoint
from vision.node import VisionNode
from vision.registry import MODELS, ModelError
from vision.rules import RulesKeeper, find_model, known_models, outside

WHOLE = PictureRegion(x=0, y=0, w=1, h=1)
share = st.floats(0, 1)


def rules(version: int = 1, **more: object) -> DetectorRules:
    return DetectorRules(node_id="vision-1", version=version, **more)  # type: ignore[arg-type]


def frame(turn_deg: int = 0) -> DecodedFrame:
    return DecodedFrame(0, 0, av.VideoFrame(16, 9, "rgb24"), turn_deg)


@given(st.lists(st.tuples(share, share, share, share), max_size=8), share, share, share, share)
def test_what_has_its_middle_in_an_ignored_region_is_left_out(
    places: list[tuple[float, float, float, float]], x: float, y: float, w: float, h: float
) -> None:
    boxes = [RawBox("smoke", 0.5, *place) for place in places]
    wanted = rules(ignored={"cam": [PictureRegion(x=x, y=y, w=w, h=h)]})
    kept = outside(boxes, wanted, "cam", frame())
    for box in boxes:
        middle = (box.x + box.w / 2, box.y + box.h / 2)
        inside = x <= middle[0] <= x + w and y <= middle[1] <= y + h
        assert (box in kept) != inside
    assert outside(boxes, wanted, "another", frame()) == boxes
    assert outside(boxes, None, "cam", frame()) == boxes


def test_regions_are_of_the_picture_as_it_is_sent() -> None:
    top_left = rules(ignored={"cam": [PictureRegion(x=0, y=0, w=0.5, h=0.5)]})
    for turn_deg, corner in ((0, (0.1, 0.1)), (90, (0.1, 0.8)), (180, (0.8, 0.8))):
        box = RawBox("person", 0.5, *corner, 0.1, 0.1)
        sent = frame(turn_deg).as_sent(box.x, box.y, box.w, box.h)
        left_out = outside([box], top_left, "cam", frame(turn_deg)) == []
        assert left_out == (sent[0] + 0.05 <= 0.5 and sent[1] + 0.05 <= 0.5)


def test_rules_are_kept_and_damaged_ones_count_as_none(tmp_path: Path) -> None:
    keeper = RulesKeeper(tmp_path, "vision-1")
    assert keeper.version == 0
    assert keeper.take(rules(7, thresholds={"smoke": 0.6}))
    assert not keeper.take(rules(7, thresholds={"smoke": 0.6}))
    assert not keeper.take(DetectorRules(node_id="vision-2", version=9)), (
        "another node's rules are nobody's here"
    )
    again = RulesKeeper(tmp_path, "vision-1")
    assert again.rules == rules(7, thresholds={"smoke": 0.6})
    assert again.take(rules(2)), "a post restored from a backup counts anew"
    (tmp_path / "rules.json").write_text("{", "utf-8")
    assert RulesKeeper(tmp_path, "vision-1").rules is None


def test_models_are_found_by_name_and_damaged_ones_refused(tmp_path: Path) -> None:
    own = own_model(tmp_path)
    assert set(known_models(str(own))) == {"own", "xunshan-people-smoke"}
    assert find_model("own", str(own)).name == "own"
    with pytest.raises(ModelError, match="no model 'other' here"):
        find_model("other", str(own))
    (tmp_path / "own.onnx").write_bytes(b"not a network")
    with pytest.raises(ModelError, match="SHA-256"):
        find_model("own", str(own))


def own_model(folder: Path) -> Path:
    """The shipped model under another name, as a district's own one lies on a node."""
    card = json.loads((MODELS / "xunshan-people-smoke.json").read_text("utf-8"))
    (folder / "own.onnx").write_bytes((MODELS / card["file"]).read_bytes())
    path = folder / "own.json"
    path.write_text(json.dumps(card | {"name": "own", "file": "own.onnx"}), "utf-8")
    return path


async def test_a_node_follows_rules_at_once_and_after_a_restart(tmp_path: Path) -> None:
    port = free_port()
    flight = level_flight(CAMERA_LAT, CAMERA_LON, 2300, pitch_deg=-45, speed_ms=0)
    async with PostPeer() as post:
        config = node_config(f"udp://127.0.0.1:{port}", post.url, tmp_path, None)
        with CameraPeer(port, flight, GroundPoint(CAMERA_LAT + 0.0007, CAMERA_LON, 2220)):
            async with running(VisionNode(config, detectors=[BrightSpotDetector()])):
                await post.until(lambda: any(one.boxes for one in post.boxes))
                assert post.nodes
                assert post.nodes[-1].detector is not None
                assert post.nodes[-1].detector.rules_version == 0
                wanted = rules(3, thresholds={"smoke": 0.61}, ignored={"XS-U1-cam": [WHOLE]})
                post.wishes.append(wanted)
                await post.until(lambda: followed(post) == 3)
                report = post.nodes[-1].detector
                assert report is not None
                assert report.thresholds["smoke"] == 0.61
                seen = len(post.boxes)
                await post.until(lambda: len(post.boxes) > seen + 4)
                # The first ones may have been looked at before the wish came.
                assert not any(one.boxes for one in post.boxes[seen + 2 :])
            post.boxes.clear()
            post.nodes.clear()
            async with running(VisionNode(config, detectors=[BrightSpotDetector()])):
                await post.until(lambda: followed(post) == 3 and len(post.boxes) > 4)
                assert not any(one.boxes for one in post.boxes)
                post.wishes.append(rules(4))
                await post.until(lambda: any(one.boxes for one in post.boxes))


async def test_another_model_looks_and_one_that_is_not_there_is_said(tmp_path: Path) -> None:
    model = own_model(tmp_path)
    port = free_port()
    async with PostPeer() as post:
        config = node_config(f"udp://127.0.0.1:{port}", post.url, tmp_path / "data", None)
        node = VisionNode(config.model_copy(update={"model": str(model)}))
        async with running(node):
            await post.until(lambda: looks_with(post) == "own")
            post.wishes.append(rules(1, model="xunshan-people-smoke"))
            await post.until(lambda: looks_with(post) == "xunshan-people-smoke")
            post.wishes.append(rules(2, model="gone"))
            await post.until(lambda: followed(post) == 2 and bool(post.nodes[-1].text))
            assert "no model 'gone' here" in post.nodes[-1].text
            await post.until(lambda: looks_with(post) == "own")


def followed(post: PostPeer) -> int | None:
    report = post.nodes[-1].detector if post.nodes else None
    return report.rules_version if report else None


def looks_with(post: PostPeer) -> str | None:
    report = post.nodes[-1].detector if post.nodes else None
    return report.model.name if report else None
