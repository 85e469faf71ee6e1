"""The vision process: cameras in, live video and located detections out.

Per stream one thread reads and decodes; a few workers (one by default) look at the newest picture
of each stream in turn, so a slow machine looks less often instead of falling behind. Messages and
video leave on the event loop.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import structlog
from numpy.typing import NDArray

from field_api.contract.ids import new_id
from field_api.contract.link import JournalError, LinkClient
from field_api.contract.messages import (
    Box,
    CameraPose,
    Command,
    CommandOutcome,
    CommandResult,
    Detection,
    DetectorReport,
    DetectorRules,
    FrameBoxes,
    NodeState,
    Thresholds,
    Wish,
)
from mission_plans.ground.terrain import Terrain
from mission_plans.ground.terrain_files import load_terrain
from vision.alerts import AlertLedger
from vision.analysis import Look, StreamAnalysis
from vision.config import StreamConfig, VisionConfig
from vision.decoding import DecodedFrame
from vision.detector import Detector, PictureDetector, RawBox
from vision.looks import LookPlan, WideLookRules, pixels_per_m
from vision.mailbox import NewestFrames
from vision.registry import ModelCard, ModelError, load_card
from vision.relay import VideoRelay
from vision.rules import RulesKeeper, find_model, known_models, outside
from vision.slow_watch import SlowWatch
from vision.source import CameraReader
from vision.stream import Stream

__all__ = ["VisionNode", "run_node"]

log = structlog.get_logger(__name__)

SOFTWARE_VERSION = "0.1.0"
STATE_PERIOD_S = 1.0
LABELS: tuple[Literal["person", "smoke"], ...] = ("person", "smoke")


def _utc_ms() -> int:
    return time.time_ns() // 1_000_000


@dataclass
class _Camera:
    """Everything that belongs to one stream."""

    config: StreamConfig
    stream: Stream
    analysis: StreamAnalysis
    looks: LookPlan
    slow: SlowWatch | None
    """Of a camera that stands still; an aircraft's sees another horizon every minute."""
    relay: VideoRelay
    reader: CameraReader


class VisionNode:
    """All streams of one node."""

    def __init__(
        self,
        config: VisionConfig,
        detectors: Sequence[PictureDetector] | None = None,
        clock_ms: Callable[[], int] = _utc_ms,
    ) -> None:
        """Load model, terrain and outbox; nothing is opened on the network yet.

        `detectors` replaces the configured model, one worker each.

        Raises `ConfigError`, `ModelError`, `TerrainFileError` or `JournalError`.
        """
        self.config = config
        token = config.node_token()
        config.data_dir.mkdir(parents=True, exist_ok=True)
        self._rules = RulesKeeper(config.data_dir, config.node_id)
        self._trouble = ""
        self._detectors = list(detectors or self._loaded())
        self._terrain: Terrain | None = load_terrain(config.terrain) if config.terrain else None
        self._link = LinkClient(
            f"{config.socket_url}/link",
            config.node_id,
            "vision",
            token,
            Path(config.data_dir) / "outbox.db",
            SOFTWARE_VERSION,
            self._refuse,
            on_wish=self._wished,
        )
        self._clock_ms = clock_ms
        self._loop: asyncio.AbstractEventLoop | None = None
        self._mailbox = NewestFrames(config.max_detector_fps)
        self._ledger = AlertLedger()
        self._ledger_lock = threading.Lock()
        self._changing = threading.Lock()
        self._cameras = {s.stream_id: self._camera(s, self._card, token) for s in config.streams}

    def _camera(self, config: StreamConfig, card: ModelCard, token: str) -> _Camera:
        relay = VideoRelay(
            f"{self.config.socket_url}/video/{config.stream_id}/publish",
            config.stream_id,
            self.config.node_id,
            token,
        )
        stream = Stream(
            config,
            self._mailbox if config.detect else None,
            lambda unit, t_ms, form: self._call(relay.publish, unit, t_ms, form),
            lambda: round(self._link.clock_offset_ms),
        )
        analysis = StreamAnalysis(
            config.stream_id, config.vehicle_id, card, self._ledger, self._terrain
        )
        watched = max(1, sum(s.detect for s in self.config.streams))
        looks = LookPlan(
            WideLookRules(
                every=self.config.wide_look_every if card.flexible else 0,
                max_px=self.config.wide_look_max_px,
            ),
            self._usual_px,
            len(self._detectors) / (watched * self.config.max_detector_fps),
        )
        reader = CameraReader(
            config.url,
            stream,
            self._clock_ms,
            low_latency=self.config.low_latency,
            stall_s=self.config.stall_s,
            repeat_file=config.repeat,
        )
        slow = SlowWatch() if config.detect and config.vehicle_id is None else None
        return _Camera(config, stream, analysis, looks, slow, relay, reader)

    @property
    def _card(self) -> ModelCard:
        return self._detectors[0].card

    @property
    def _usual_px(self) -> int:
        return self.config.input_width_px or self._card.input_width_px

    @property
    def _thresholds(self) -> dict[str, float]:
        """Per label: the command post's, else the settings', else the card's."""
        wanted = self._rules.rules.thresholds if self._rules.rules else {}
        return self._card.thresholds | self.config.thresholds | dict(wanted)

    def _loaded(self) -> list[PictureDetector]:
        """Load the model that is wanted, one network a worker; its own where that can't be had.

        Raises:
            ModelError: the node's own model is missing or damaged.
        """
        config, wanted = self.config, self._rules.rules.model if self._rules.rules else None
        card: ModelCard | None = None
        self._trouble = ""
        if wanted is not None:
            try:
                card = find_model(wanted, config.model)
            except ModelError as error:
                self._trouble = str(error)[:200]
                log.error("model_not_used", model=wanted, reason=str(error))
        card = card or load_card(config.model)
        return [
            Detector(card, config.detector_threads, config.input_width_px, config.backend)
            for _ in range(config.detector_workers)
        ]

    def _wished(self, wish: Wish) -> None:
        """Look by the command post's rules from now on."""
        if not isinstance(wish, DetectorRules):
            return
        before = self._rules.rules.model if self._rules.rules else None
        if not self._rules.take(wish):
            return
        log.info("rules_followed", version=wish.version, model=wish.model)
        if wish.model != before:
            threading.Thread(target=self._change_model, name="model", daemon=True).start()

    def _change_model(self) -> None:
        """Load beside what looks meanwhile; one that can't be loaded changes nothing."""
        with self._changing:
            try:
                loaded = self._loaded()
            except ModelError as error:
                self._trouble = str(error)[:200]
                log.error("model_not_changed", reason=str(error))
                return
            if loaded[0].card.reference == self._card.reference:
                return
            with self._ledger_lock:
                self._detectors = loaded
                for camera in self._cameras.values():
                    camera.analysis.change_model(loaded[0].card)
            log.info("model_changed", model=loaded[0].card.name)

    @property
    def backend(self) -> str:
        """What runs the network."""
        return self._detectors[0].backend

    async def run(self) -> None:
        """Work until cancelled."""
        self._loop = asyncio.get_running_loop()
        threads = [
            threading.Thread(target=c.reader.run, name=f"read-{i}", daemon=True)
            for i, c in self._cameras.items()
        ] + [
            threading.Thread(target=self._work, args=(n,), name=f"detect-{n}", daemon=True)
            for n in range(len(self._detectors))
        ]
        for thread in threads:
            thread.start()
        log.info(
            "vision_started",
            node_id=self.config.node_id,
            streams=list(self._cameras),
            backend=self.backend,
        )
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._link.run())
                tasks.create_task(self._tell_state())
                for camera in self._cameras.values():
                    tasks.create_task(camera.relay.run())
        finally:
            self._loop = None
            self._mailbox.close()
            for camera in self._cameras.values():
                camera.reader.stop()
            await asyncio.gather(*(asyncio.to_thread(t.join, 10.0) for t in threads))
            self._link.close()

    def _call(self, function: Callable[..., None], *arguments: object) -> None:
        """Call on the event loop from another thread; dropped once the node is stopping."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(function, *arguments)

    def _work(self, worker: int) -> None:
        """One worker: look at the newest picture of whichever stream has waited longest."""
        while (taken := self._mailbox.take()) is not None:
            detector = self._detectors[worker]
            stream_id, frame = taken
            camera = self._cameras[stream_id]
            image_rgb = frame.upright_rgb()
            stream = camera.stream
            width_px = self._width_px(camera, image_rgb, stream.pose_at(frame.pts_90k))
            began_s = time.monotonic()
            boxes = detector.detect(image_rgb, self._thresholds, width_px)
            camera.looks.took(time.monotonic() - began_s, width_px)
            boxes = outside(boxes, self._rules.rules, stream_id, frame)
            look = Look(
                image_rgb,
                stream.capture_ms(frame.pts_90k, frame.arrived_ms),
                frame.pts_90k,
                boxes,
                # Asked for now: a slow camera's next pose has come while the picture was looked at.
                stream.pose_at(frame.pts_90k),
            )
            with self._ledger_lock:
                if detector is not self._detectors[worker]:
                    # Another model came meanwhile: what the former one saw is not its to report.
                    self._mailbox.done(stream_id)
                    continue
                if stream.take_restarted():
                    camera.analysis.restart()
                seen, detections = camera.analysis.look(look)
                detections += self._slowly_seen(camera, look, frame)
            self._call(self._send, _as_sent(seen, frame), detections)
            stream.looked(self._clock_ms() - frame.arrived_ms)
            self._mailbox.done(stream_id)

    def _slowly_seen(self, camera: _Camera, look: Look, frame: DecodedFrame) -> list[Detection]:
        """What a comparison over minutes calls smoke; nearly always nothing."""
        if camera.slow is None:
            return []
        plumes = camera.slow.look(look.image_rgb, look.t_ms)
        boxes = {RawBox("smoke", one.stays, one.x, one.y, one.w, one.h): one for one in plumes}
        stream_id = camera.config.stream_id
        kept = outside(boxes, self._rules.rules, stream_id, frame)
        found = [camera.analysis.report_plume(boxes[box], look) for box in kept]
        return [one for one in found if one is not None]

    def _width_px(
        self, camera: _Camera, image_rgb: NDArray[np.uint8], pose: CameraPose | None
    ) -> int | None:
        """Width of this look, None for the usual one."""
        height, width = image_rgb.shape[:2]
        scale = None
        if pose is not None and self._terrain is not None:
            usual_px = self._usual_px * min(1.0, width / height)
            scale = pixels_per_m(pose, width / height, self._terrain, usual_px)
        with self._ledger_lock:
            undecided = camera.analysis.undecided
        return camera.looks.next_px(max(height, width), scale, undecided)

    def _send(self, seen: FrameBoxes, detections: list[Detection]) -> None:
        self._link.send_latest(seen)
        for detection in detections:
            try:
                self._link.send_durable(detection)
            except (JournalError, ValueError) as error:
                log.error("detection_not_kept", id=detection.id, reason=str(error))
                continue
            log.info(
                "detection",
                id=detection.id,
                label=detection.label,
                stream_id=detection.stream_id,
                confidence=detection.confidence,
                position=detection.position.model_dump() if detection.position else None,
            )

    async def _tell_state(self) -> None:
        while True:
            now_ms = self._clock_ms()
            for camera in self._cameras.values():
                self._link.send_latest(camera.stream.state(now_ms))
            self._link.send_latest(self._node_state(now_ms))
            await asyncio.sleep(STATE_PERIOD_S)

    def _node_state(self, now_ms: int) -> NodeState:
        watched = [s.stream_id for s in self.config.streams if s.detect]
        limits: Thresholds = {
            label: min(0.95, max(0.05, self._thresholds[label]))
            for label in LABELS
            if label in self._thresholds
        }
        return NodeState(
            node_id=self.config.node_id,
            t_ms=now_ms,
            version=SOFTWARE_VERSION,
            text=self._trouble,
            detector=DetectorReport(
                rules_version=self._rules.version,
                model=self._card.reference,
                models=list(known_models(self.config.model)),
                thresholds=limits,
                streams=watched,
                trouble=self._trouble,
            ),
        )

    async def _refuse(self, command: Command) -> None:
        """A vision node carries out no commands; the command post is told so."""
        self._link.send_durable(
            CommandResult(
                id=new_id(),
                t_ms=self._clock_ms(),
                command_id=command.id,
                outcome=CommandOutcome.REFUSED,
                code="not_a_fleet_node",
                text=f"{self.config.node_id} is a vision node",
            )
        )


async def run_node(config: VisionConfig) -> None:
    """Run a vision node until cancelled."""
    await VisionNode(config).run()


def _as_sent(seen: FrameBoxes, frame: DecodedFrame) -> FrameBoxes:
    """The boxes for viewers, who see the picture as the camera sent it."""
    if not frame.turn_deg:
        return seen
    boxes: list[Box] = []
    for box in seen.boxes:
        x, y, w, h = frame.as_sent(box.x, box.y, box.w, box.h)
        boxes.append(box.model_copy(update={"x": x, "y": y, "w": w, "h": h}))
    return seen.model_copy(update={"boxes": boxes})
