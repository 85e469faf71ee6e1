"""A Janus for tests: on free loopback ports, with a configuration of its own."""

import asyncio
import contextlib
import os
import shutil
import socket
from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest

__all__ = ["SECRET", "janus"]

SECRET = "janus-secret"
LIBRARIES = "/usr/lib/x86_64-linux-gnu/janus"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


@contextlib.asynccontextmanager
async def janus(folder: Path) -> AsyncGenerator[str]:
    """Run one and yield the address of its HTTP API."""
    program = shutil.which("janus")
    if program is None:
        assert "CI" not in os.environ, "the package janus is missing"
        pytest.skip("the package janus is missing")
    port = _free_port()
    (folder / "janus.jcfg").write_text(
        f'''general: {{
  configs_folder = "{folder}"
  plugins_folder = "{LIBRARIES}/plugins"
  transports_folder = "{LIBRARIES}/transports"
  events_folder = "{LIBRARIES}/events"
  loggers_folder = "{LIBRARIES}/loggers"
  debug_level = 4
  api_secret = "{SECRET}"
}}
nat: {{ ignore_mdns = true }}
media: {{ rtp_port_range = "20000-40000" }}
plugins: {{ disable = "{",".join(_others("plugins", "libjanus_streaming.so"))}" }}
transports: {{ disable = "{",".join(_others("transports", "libjanus_http.so"))}" }}
'''
    )
    (folder / "janus.transport.http.jcfg").write_text(
        f"""general: {{ json = "plain" base_path = "/janus" http = true port = {port}
  ip = "127.0.0.1" https = false }}
admin: {{ admin_http = false admin_https = false }}
"""
    )
    (folder / "janus.plugin.streaming.jcfg").write_text(
        'general: { rtp_port_range = "20000-40000" }\n'
    )
    log = (folder / "janus.log").open("wb")
    process = await asyncio.create_subprocess_exec(
        program, "-F", str(folder), stdout=log, stderr=log
    )
    url = f"http://127.0.0.1:{port}/janus"
    try:
        async with asyncio.timeout(20), httpx.AsyncClient(trust_env=False) as client:
            while True:
                assert process.returncode is None, (folder / "janus.log").read_text()[-2000:]
                with contextlib.suppress(httpx.TransportError):
                    if (await client.get(f"{url}/info")).status_code == 200:
                        break
                await asyncio.sleep(0.05)
        yield url
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        log.close()


def _others(kind: str, wanted: str) -> list[str]:
    found = Path(LIBRARIES, kind).glob("*.so")
    return sorted(f.name for f in found if f.name != wanted)
