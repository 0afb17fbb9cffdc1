"""Both clients, of threads and of asyncio, as one that is awaited."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterable, Callable, Iterable
from concurrent.futures import Future
from typing import Any

import playhead
import playhead.aio


class AioBridge:
    """The client of asyncio."""

    connect = staticmethod(playhead.aio.connect)

    async def call(self, function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        result = function(*args, **options)
        return await result if inspect.isawaitable(result) else result

    async def wait(self, future: asyncio.Future[Any]) -> Any:
        return await future

    async def next(self, iterator: Any) -> Any:
        """None behind the end."""
        return await anext(iterator, None)

    async def list(self, iterable: AsyncIterable[Any]) -> list[Any]:
        return [each async for each in iterable]

    def iterate(self, iterable: Any) -> Any:
        return aiter(iterable)


class ThreadBridge:
    """The client of threads: what waits has a thread of its own."""

    connect = staticmethod(playhead.connect)

    async def call(self, function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        result = await asyncio.to_thread(function, *args, **options)
        return await self.wait(result) if isinstance(result, Future) else result

    async def wait(self, future: Future[Any]) -> Any:
        return await asyncio.wrap_future(future)

    async def next(self, iterator: Any) -> Any:
        """None behind the end."""
        return await asyncio.to_thread(next, iterator, None)

    async def list(self, iterable: Iterable[Any]) -> list[Any]:
        return await asyncio.to_thread(list, iterable)

    def iterate(self, iterable: Any) -> Any:
        return iter(iterable)


Bridge = AioBridge | ThreadBridge
