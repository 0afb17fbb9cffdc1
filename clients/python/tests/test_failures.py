"""Errors that nobody was told of."""

import asyncio
import concurrent.futures
import contextvars

import pytest

from playhead import Error
from playhead._failures import Failures
from playhead._publish_future import PublishFuture
from playhead.aio._publish_future import PublishFuture as AioPublishFuture


def refused(text: str = "no") -> Error:
    return Error("CONFLICT", text, {"last_timestamp_ns": "7"})


def ignore(_: object) -> None:
    """A callback."""


def test_an_error_is_told_once() -> None:
    failures = Failures()
    error = refused()
    failures.add(error)
    assert failures.take() is error
    assert failures.take() is None


def test_the_first_of_several_errors_says_how_many_there_are() -> None:
    failures = Failures()
    for n in range(1000):
        failures.add(refused(f"refusal {n}"))
    error = failures.take()
    assert error is not None
    assert (error.reason, error.metadata) == ("CONFLICT", {"last_timestamp_ns": "7"})
    assert error.message.startswith("refusal 0 (the first of 1000 requests")


def test_what_is_kept_for_a_flush_that_never_comes_is_bounded() -> None:
    failures = Failures()
    for _ in range(1000):
        failures.add(refused())
    assert len(failures._kept) == 16


def test_of_many_errors_those_that_somebody_was_told_are_not_told_again() -> None:
    failures = Failures()
    added = [failures.add(refused(f"refusal {n}")) for n in range(100)]
    for failure in added[:99]:
        failure.tell()
        failure.tell()
    error = failures.take()
    assert error is not None
    assert error.message == "refusal 99"
    added[99].tell()
    assert failures.take() is None


def test_what_was_flushed_does_not_count_for_the_next_flush() -> None:
    failures = Failures()
    before = failures.add(refused("before"))
    failures.take()
    failures.add(refused("behind"))
    before.tell()
    error = failures.take()
    assert error is not None
    assert error.message == "behind"


def test_looking_at_a_future_is_being_told() -> None:
    failures = Failures()
    futures = [PublishFuture() for _ in range(4)]
    # Before it fails, too.
    futures[0].add_done_callback(ignore)
    for future in futures:
        future.fail(failures.add(refused()))
    with pytest.raises(Error):
        futures[1].result()
    assert futures[2].exception() is not None
    futures[3].add_done_callback(ignore)
    assert failures.take() is None


def test_a_wait_for_a_future_that_ends_before_it_fails_tells_nobody() -> None:
    failures = Failures()
    future = PublishFuture()
    # Until Python 3.11 it is not the builtin one.
    with pytest.raises(concurrent.futures.TimeoutError):
        future.result(0)
    future.fail(failures.add(refused()))
    assert failures.take() is not None


def test_a_future_that_was_cancelled_tells_nobody() -> None:
    failures = Failures()
    future = PublishFuture()
    future.add_done_callback(ignore)
    future.cancel()
    future.fail(failures.add(refused()))
    assert failures.take() is not None


async def test_looking_at_a_future_is_being_told_with_asyncio() -> None:
    failures = Failures()
    futures = [AioPublishFuture() for _ in range(4)]
    futures[0].add_done_callback(ignore)
    for future in futures:
        future.fail(failures.add(refused()))
    with pytest.raises(Error):
        await futures[1]
    assert futures[2].exception() is not None
    with pytest.raises(Error):
        futures[3].result()
    assert failures.take() is None


async def test_a_callback_runs_in_the_context_that_it_was_added_in_with_asyncio() -> None:
    place = contextvars.ContextVar("place", default="")
    seen: list[str] = []
    future = AioPublishFuture()
    place.set("added")
    future.add_done_callback(lambda _: seen.append(place.get()))
    place.set("failed")
    future.fail(Failures().add(refused()))
    await asyncio.sleep(0)
    assert seen == ["added"]


async def test_a_future_that_nobody_waits_for_any_more_tells_nobody_with_asyncio() -> None:
    failures = Failures()
    future, cancelled = AioPublishFuture(), AioPublishFuture()
    for each in (future, cancelled):
        each.add_done_callback(ignore)
    assert future.remove_done_callback(ignore) == 1
    cancelled.cancel()
    for each in (future, cancelled):
        each.fail(failures.add(refused()))
    error = failures.take()
    assert error is not None
    assert "of 2 requests" in error.message
