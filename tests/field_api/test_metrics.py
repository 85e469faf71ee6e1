"""`/metrics`: what it counts, and who may read it."""

from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from field_api.core.busy import DatabaseBusyError
from field_api.core.timers import run_timer
from field_api.settings import Settings
from tests.field_api.post import Post, asgi_post

RIGHT = {"username": "duty", "password": "xunshan-demo"}
WRONG = {**RIGHT, "password": "wrong"}


def scraper(post: Post, client: str = "127.0.0.1", **headers: str) -> httpx.AsyncClient:
    """Who asks for the metrics, from an address."""
    transport = httpx.ASGITransport(post.app, client=(client, 5000))
    return httpx.AsyncClient(base_url="http://post.test", transport=transport, headers=headers)


async def scraped(post: Post) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    async with scraper(post) as client:
        answer = await client.get("/metrics")
    assert answer.status_code == 200, answer.text
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def of(samples: dict[Any, float], name: str, **labels: str) -> float:
    return samples[name, frozenset(labels.items())]


async def test_requests_are_counted_by_route_and_status(post: Post) -> None:
    duty = await post.sign_in("duty")
    for _ in range(3):
        incident_id = await post.open_incident()
        assert (await duty.get(f"incidents/{incident_id}")).status_code == 200
    async with post.anonymous() as client:
        await client.request("BREW", "incidents")
        await client.get("no-such-thing")
    samples = await scraped(post)
    route = "/incidents/{incident_id}"
    count = of(samples, "xunshan_request_seconds_count", method="GET", route=route, status="200")
    assert count == 3
    shown = {dict(labels)["method"] for name, labels in samples if "request_seconds" in name}
    assert shown == {"GET", "POST", "other"}


async def test_the_posts_state_is_told(post: Post) -> None:
    await post.open_incident()
    await post.services.tail.catch_up()
    async with post.anonymous() as client:
        for _ in range(2):
            await client.post("session", json=WRONG)
    timer = next(timer for feature in post.services.features for timer in feature.timers)
    run_timer(post.services, timer)
    samples = await scraped(post)
    assert of(samples, "xunshan_tail_position") == of(samples, "xunshan_tail_newest") > 0
    assert of(samples, "xunshan_refused_total", act="session.refused") == 2
    ran_s = of(samples, "xunshan_timer_last_run_seconds", timer=timer.name)
    assert ran_s == post.clock() / 1000
    assert of(samples, "xunshan_timer_failed", timer=timer.name) == 0
    assert of(samples, "xunshan_database_bytes") > 10_000
    assert of(samples, "xunshan_disk_free_bytes") > 0
    assert of(samples, "xunshan_live_sockets") == of(samples, "xunshan_nodes") == 0


async def test_metrics_are_told_also_when_the_database_can_not_be_read(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise DatabaseBusyError

    monkeypatch.setattr(post.services.store, "read", away)
    samples = await scraped(post)
    assert of(samples, "xunshan_database_readable") == 0
    assert of(samples, "xunshan_disk_free_bytes") > 0


async def test_other_machines_and_proxies_get_none(post: Post) -> None:
    for asking in (
        scraper(post, "192.0.2.7"),
        scraper(post, **{"X-Forwarded-For": "127.0.0.1"}),
        scraper(post, Authorization="Bearer guessed", Via="1.1 proxy"),
    ):
        async with asking as client:
            answer = await client.get("/metrics")
        assert answer.status_code == 403
        assert "metrics_token" in answer.json()["detail"]["text_en"]


@pytest.fixture
async def public(settings: Settings) -> AsyncGenerator[Post]:
    """A post with a public address and a token."""
    given: dict[str, Any] = {"public_url": "https://post.example", "metrics_token": "prometheus"}
    async with asgi_post(Settings(data_dir=settings.data_dir, improve_s=0, **given)) as running:
        yield running


async def test_with_a_public_address_being_here_is_not_enough(public: Post) -> None:
    async with scraper(public) as client:
        assert (await client.get("/metrics")).status_code == 403
    for token, status in (("prometheus", 200), ("promethéus", 403), ("", 403)):
        headers = {"Authorization": f"Bearer {token}".encode()}
        async with scraper(public, "192.0.2.7") as client:
            assert (await client.get("/metrics", headers=headers)).status_code == status  # pyright: ignore[reportArgumentType]
