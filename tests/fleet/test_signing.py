"""Signed vehicles at the node: keys, time, forgeries, and giving a key."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from fleet.config import FleetConfig
from fleet.giving_keys import KeyNotGivenError, give_key, new_key
from fleet.mavlink import Codec, Signing, dialect, signing_time
from fleet.node import FleetNode
from fleet.signing import KeyFileError, Signatures, SigningTimes, load_keys, save_key
from sim.vehicle import VehicleConfig
from sim.vehicle.arducopter import BINARY_VARIABLE, arducopter_binary, real_arducopter
from tests.contract.command_post import TOKEN
from tests.fleet.flight_line import FCP
from tests.fleet.udp_site import ID, Device, udp_site, until

KEY, OTHER = bytes(range(1, 33)), bytes(range(2, 34))
NOW_US = 1_790_000_000_000_000
MINUTE = 6_000_000


def key_file(folder: Path, keys: dict[str, bytes] | None = None) -> Path:
    path = folder / "keys.json"
    for name, key in (keys or {ID: KEY}).items():
        save_key(path, name, key)
    return path


def test_a_key_file_is_its_owners_alone_and_never_shown(tmp_path: Path) -> None:
    path = key_file(tmp_path, {ID: KEY, "XS-U3": OTHER})
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_keys(path) == {ID: KEY, "XS-U3": OTHER}
    path.chmod(0o640)
    with pytest.raises(KeyFileError, match="others may read it"):
        load_keys(path)
    for text in (f'{{"{ID}": "{KEY.hex()[:-2]}"}}', KEY.hex(), f'{{"{ID}": ["{KEY.hex()}"]}}'):
        path.write_text(text)
        path.chmod(0o600)
        with pytest.raises(KeyFileError) as found:
            load_keys(path)
        assert KEY.hex()[:12] not in str(found.value)
    with pytest.raises(KeyFileError, match="can't be read"):
        load_keys(tmp_path / "none.json")


def signatures(folder: Path, now_us: int) -> Signatures:
    times = SigningTimes(folder / "signing.json")
    systems = {ID: (("radio", "mobile"), 2)}
    return Signatures({ID: KEY}, systems, ["radio", "mobile"], times, lambda: now_us)


def _time(frame: bytes) -> int:
    return int.from_bytes(frame[-12:-6], "little")


def test_time_goes_on_over_restarts_even_with_a_clock_that_was_set_back(tmp_path: Path) -> None:
    beat = dialect.MAVLink_heartbeat_message(6, 8, 0, 0, 0, 3)
    first = signatures(tmp_path, NOW_US)
    last = max(_time(first.pack(ID, link, beat)) for link in ("radio", "mobile", "radio"))
    first.save()
    again = signatures(tmp_path, NOW_US - 3_600_000_000)
    radio, mobile = (again.pack(ID, link, beat) for link in ("radio", "mobile"))
    assert _time(radio) > last
    assert radio[-13] != mobile[-13], "a link id for every way"
    again.save()
    (tmp_path / "signing.json").write_text("{torn")
    assert _time(signatures(tmp_path, NOW_US).pack(ID, "radio", beat)) > 0


def test_what_is_not_signed_rightly_is_not_believed_and_moves_no_time(tmp_path: Path) -> None:
    ours = signatures(tmp_path, NOW_US)
    beat = dialect.MAVLink_heartbeat_message(2, 3, 81, 0, 4, 3)
    now = signing_time(NOW_US)

    def said(key: bytes | None, timestamp: int, system: int = 2) -> object:
        signing = None if key is None else Signing(key, 9, timestamp)
        return Codec().parse(Codec(system, 1, signing).pack(beat))[0]

    assert ours.right("radio", said(KEY, now))
    assert not ours.right("radio", said(None, now))
    assert not ours.right("radio", said(OTHER, now + 1_000 * MINUTE))
    assert not ours.right("radio", said(KEY, now - 5 * MINUTE))
    assert ours.right("radio", said(KEY, now + 1)), "the forgery locked nobody out"
    assert ours.right("radio", said(None, now, system=3)), "another vehicle has no key"
    assert _time(ours.pack(ID, "radio", beat)) < now + MINUTE


@pytest.mark.slow
async def test_the_node_believes_and_sends_signed_frames_only(tmp_path: Path) -> None:
    keys = str(key_file(tmp_path))
    async with udp_site(tmp_path, signing_keys=keys) as site:
        forger = Device(site.port, 60_000, FCP, armed=False)
        await site.while_speaking(lambda: site.told("not_signed"), (forger, None))
        assert site.node.state(ID) is None
        assert forger.heard == []
        start = signing_time(time.time_ns() // 1000)
        craft = Device(site.port, 60_000, FCP, armed=True, signing=Signing(KEY, 1, start))
        await site.while_speaking(
            lambda: site.node.state(ID) is not None and site.state.lat_deg is not None,
            (craft, None),
            (forger, None),
        )
        order = asyncio.create_task(site.order())
        await site.while_speaking(
            lambda: dialect.MAV_CMD_DO_SET_MODE in craft.orders, (craft, None), (forger, None)
        )
        order.cancel()
        assert all(m.get_msgbuf()[2] & dialect.MAVLINK_IFLAG_SIGNED for m in craft.heard)
        assert forger.heard == []
        assert not any(KEY.hex() in body for body in site.post.bodies)
        for log in (tmp_path / "fleet" / "logs").glob("*.tlog"):
            assert KEY not in log.read_bytes()
        craft.close()
        forger.close()
    assert json.loads((tmp_path / "fleet" / "signing.json").read_text())[ID] > start


def test_a_node_does_not_start_with_keys_that_others_may_read(tmp_path: Path) -> None:
    path = key_file(tmp_path)
    path.chmod(0o644)
    config = FleetConfig.model_validate(
        {
            "node_id": "fleet-test",
            "data_dir": str(tmp_path / "fleet"),
            "links": [{"id": "udp", "url": "udpin:127.0.0.1:14550"}],
            "vehicles": [{"vehicle_id": ID, "link": "udp", "sysid": 2}],
            "signing_keys": str(path),
        }
    )
    with pytest.raises(KeyFileError, match="chmod 600"):
        FleetNode(config, TOKEN)


@contextlib.asynccontextmanager
async def plain_vehicle(*, armed: bool) -> AsyncGenerator[tuple[int, list[bytes]]]:
    """Something on TCP that begins to sign once it has a key; gives its port and the keys."""
    keys: list[bytes] = []
    mode = dialect.MAV_MODE_FLAG_SAFETY_ARMED if armed else 0
    beat = dialect.MAVLink_heartbeat_message(2, 3, mode, 0, 4, 3)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        codec, parser = Codec(2, 1), Codec()

        async def speak() -> None:
            while True:
                writer.write(codec.pack(beat))
                await asyncio.sleep(0.1)

        speaking = asyncio.create_task(speak())
        try:
            while data := await reader.read(4096):
                for message in parser.parse(data):
                    if message.get_type() == "SETUP_SIGNING":
                        keys.append(bytes(message.secret_key))
                        start = message.initial_timestamp + MINUTE
                        codec = Codec(2, 1, Signing(keys[-1], 1, start))
        finally:
            speaking.cancel()
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], keys


async def test_a_key_is_given_over_a_wire_to_a_vehicle_on_the_ground(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    key = new_key(path, ID)
    assert new_key(path, ID) == key
    assert load_keys(path) == {ID: key}
    async with plain_vehicle(armed=False) as (port, keys):
        await give_key(f"tcp:127.0.0.1:{port}", 2, key)
        assert set(keys) == {key}
    async with plain_vehicle(armed=True) as (port, keys):
        with pytest.raises(KeyNotGivenError, match="armed"):
            await give_key(f"tcp:127.0.0.1:{port}", 2, key)
        assert keys == []
    with pytest.raises(ValueError, match="through the air"):
        await give_key("udpout:10.0.0.7:14550", 2, key)


@pytest.mark.slow
@pytest.mark.serial
async def test_the_real_arducopter_takes_a_key_and_is_believed_with_it(tmp_path: Path) -> None:
    binary = arducopter_binary()
    if binary is None:
        pytest.skip(f"{BINARY_VARIABLE} names no ArduCopter binary on this machine")
    config = VehicleConfig(2, FCP.lat_deg, FCP.lon_deg, 1900.0, tcp_port=0)
    keys = key_file(tmp_path)
    async with real_arducopter(binary, config, speedup=5) as port:
        await give_key(f"tcp:127.0.0.1:{port}", 2, KEY)
        links = [{"id": "tcp", "url": f"tcp:127.0.0.1:{port}"}]
        vehicles = [{"vehicle_id": ID, "link": "tcp", "sysid": 2}]
        async with udp_site(
            tmp_path, links=links, vehicles=vehicles, signing_keys=str(keys), heartbeat_hz=5
        ) as site:
            await until(lambda: site.node.state(ID) is not None, within_s=60)
            # Its streams come, so it has taken signed requests; none of it counts as garbage.
            await until(lambda: site.state.lat_deg is not None, within_s=60)
            await until(lambda: bool(site.node_states), within_s=30)
            assert not site.told("not_signed")
            assert site.state.link.value == "live"
