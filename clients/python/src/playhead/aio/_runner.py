"""Keeps the stream of a core going, with tasks."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc
import grpc.aio

from playhead._stream_core import StreamCore
from playhead.aio._connection import Connection
from playhead.errors import Error, closed_error

END_TIMEOUT_S = 1.0


class StreamRunner:
    """One task that opens calls and reads them, and one that writes. Whoever has changed the core calls `wake`."""

    def __init__(self, connection: Connection, core: StreamCore) -> None:
        self._connection = connection
        self._core = core
        self._work = asyncio.Event()
        self._progress: asyncio.Event = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.is_stopped = False
        """Whether it is over: nothing comes any more."""

    def start(self) -> None:
        """Begins, if it has not begun."""
        if self._task is None and not self.is_stopped:
            self._task = asyncio.get_running_loop().create_task(self._run())

    def wake(self) -> None:
        """There may be something to send."""
        self._work.set()

    async def progress(self, seconds: float | None = None) -> None:
        """Waits until something comes from the broker, or the end, or so long."""
        try:
            await asyncio.wait_for(self._progress.wait(), seconds)
        except (TimeoutError, asyncio.TimeoutError):
            return

    async def join(self, seconds: float = END_TIMEOUT_S) -> None:
        """Waits for the end of a core that is over or ends its side, and breaks it off if that takes too long."""
        task = self._task
        if task is None:
            return
        _, pending = await asyncio.wait([task], timeout=seconds)
        if pending:
            self.is_stopped = True
            task.cancel()
            await asyncio.wait([task])

    def _announce(self) -> None:
        # Those who wait have the old event; those who come later wait for the next one.
        progress, self._progress = self._progress, asyncio.Event()
        progress.set()

    async def _run(self) -> None:
        try:
            while await self._has_work():
                delay = await self._run_call()
                if delay:
                    await self._pause(delay)
        except asyncio.CancelledError:
            # By join, or with the event loop: nobody waits for this task.
            pass
        except Exception as cause:  # noqa: BLE001 - whoever waits is to hear of a fault of this package, too
            error = Error("INTERNAL", f"the client failed: {cause!r}")
            error.__cause__ = cause
            self._core.fail(error)
        finally:
            self.is_stopped = True
            if not self._core.is_over:
                self._core.fail(closed_error("the client"))
            self._announce()

    async def _has_work(self) -> bool:
        core = self._core
        while not (core.is_over or core.wants_stream):
            self._work.clear()
            await self._work.wait()
        return not core.is_over

    async def _pause(self, seconds: float) -> None:
        pause = asyncio.ensure_future(self._connection.pause(seconds))
        try:
            while not (pause.done() or self._core.is_over):
                self._work.clear()
                work = asyncio.ensure_future(self._work.wait())
                await asyncio.wait([pause, work], return_when=asyncio.FIRST_COMPLETED)
                work.cancel()
        finally:
            pause.cancel()

    async def _run_call(self) -> float | None:
        """Makes one call, to its end. Returns the seconds until the next one."""
        connection = self._connection
        core = self._core
        address = connection.address
        try:
            await self._ask()
        except Error as error:
            if not error.retryable:
                core.fail(error)
                self._announce()
                return None
            return self._lose(error, address)
        try:
            core.opened(address)
            call = connection.stream_stream(core.lane, core.path, address)
        except Error as error:
            return self._lose(error, address)
        why = Error("UNREACHABLE", f"broker {address} ended the stream")
        writer = asyncio.ensure_future(self._write(call))
        try:
            why = await self._read(call) or why
        except grpc.RpcError as cause:
            why = connection.explain(cause, address)
        except asyncio.CancelledError:
            if not connection.is_closed or self.is_stopped:
                raise
        finally:
            writer.cancel()
            call.cancel()
            await asyncio.wait([writer])
            if not writer.cancelled() and (fault := writer.exception()) is not None:
                raise fault
        return self._lose(why, address)

    async def _read(self, call: Any) -> Error | None:
        core = self._core
        while True:
            data = await call.read()
            if data is grpc.aio.EOF:
                return None
            error = core.receive(data)
            self._announce()
            self._work.set()
            if error is not None or core.is_over:
                return error

    async def _write(self, call: Any) -> None:
        core = self._core
        try:
            while True:
                self._work.clear()
                data = core.take()
                if data is not None:
                    await call.write(data)
                    continue
                if core.is_done_sending:
                    await call.done_writing()
                    return
                if core.question() is None:
                    await self._work.wait()
                else:
                    await self._ask()
        except Error as error:
            if not error.retryable:
                core.fail(error)
                self._announce()
            # The broker then ends its side, and the reader tries again.
            await call.done_writing()
        except (grpc.RpcError, asyncio.InvalidStateError):
            # The reader hears of it, and why.
            return
        except Exception:
            # A fault of this package: the reader is not to wait for answers to what was never sent.
            call.cancel()
            raise

    def _lose(self, error: Error, address: str) -> float | None:
        core = self._core
        if core.is_over:
            return None
        if self._connection.is_closed:
            core.fail(error)
            delay = None
        else:
            delay = core.lost(error, address)
        self._announce()
        return delay

    async def _ask(self) -> None:
        question = self._core.question()
        while question is not None:
            await self._connection.run(question)
            question = self._core.question()
