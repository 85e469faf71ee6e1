"""MAVSDK on a UDP port, alone: `python -m tests.benchmarks.mavsdk_listener PORT`."""

import asyncio
import sys


async def listen(port: int) -> None:
    """Listen until killed; prints a line once a vehicle is found."""
    from mavsdk.asyncio import ComponentType, Configuration, Mavsdk

    configuration = Configuration.create_with_component_type(ComponentType.GROUND_STATION)
    async with Mavsdk(configuration) as mavsdk:
        await mavsdk.add_any_connection(f"udpin://127.0.0.1:{port}")
        await mavsdk.first_autopilot(timeout_s=60.0)
        print("found", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(listen(int(sys.argv[1])))
