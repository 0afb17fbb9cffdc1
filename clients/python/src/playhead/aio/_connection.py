"""The connection of a client of asyncio."""

from __future__ import annotations

import asyncio
import time
from typing import Any, TypeVar

import grpc
import grpc.aio

from playhead._connection import Attempts, ConnectionState, Flow, Lane, Unary, decode_answer
from playhead.errors import Error, closed_error, from_rpc
from playhead.options import ClientOptions

T = TypeVar("T")


class Connection(ConnectionState):
    """Calls of one broker at a time, over one gRPC channel for each lane."""

    def __init__(self, addresses: tuple[str, ...], options: ClientOptions) -> None:
        super().__init__(addresses, options)
        self._channels: dict[tuple[Lane, str], grpc.aio.Channel] = {}
        self._closed = asyncio.Event()

    async def run(self, flow: Flow[T]) -> T:
        """Makes requests that follow from each other."""
        answer: Any = None
        while True:
            try:
                request = flow.send(answer)
            except StopIteration as end:
                result: T = end.value
                return result
            answer = await self.request(request)

    async def request(self, request: Unary[T]) -> T:
        """Makes one request, and repeats it while its failures are retryable, within `request_timeout_ms` in all."""
        attempts = Attempts(self, request, time.monotonic)
        while True:
            address = self.address
            method: Any = self._channel("publish", address).unary_unary(request.path)
            call = method(request.request, timeout=attempts.left)
            try:
                return decode_answer(request, await call, address)
            except grpc.RpcError as cause:
                error = self.explain(cause, address)
            except asyncio.CancelledError:
                # gRPC cancels what waits when a channel is closed.
                if self.is_closed and not is_cancelling():
                    raise closed_error("the client") from None
                raise
            delay = attempts.fail(error, address)
            if delay is None:
                return request.decode(b"")
            await self.pause(delay)

    def stream_stream(self, lane: Lane, path: str, address: str) -> Any:
        """Opens a call of requests and responses, both as bytes."""
        return self._channel(lane, address).stream_stream(path)()

    def unary_stream(self, lane: Lane, path: str, request: bytes, address: str) -> Any:
        """Opens a call of responses, as bytes."""
        method: Any = self._channel(lane, address).unary_stream(path)
        return method(request)

    def explain(self, cause: grpc.RpcError, address: str) -> Error:
        """Why a call failed."""
        return closed_error("the client") if self.is_closed else from_rpc(cause, address)

    async def pause(self, seconds: float) -> None:
        """Waits, unless the client is closed meanwhile."""
        try:
            await asyncio.wait_for(self._closed.wait(), seconds)
        except (TimeoutError, asyncio.TimeoutError):
            return

    async def close(self) -> None:
        """Ends what waits, and disconnects."""
        self.is_closed = True
        self._closed.set()
        channels = list(self._channels.values())
        self._channels.clear()
        for channel in channels:
            await channel.close()

    def _channel(self, lane: Lane, address: str) -> grpc.aio.Channel:
        self.check_open()
        channel = self._channels.get((lane, address))
        if channel is None:
            tls = self.options.tls
            arguments = self.channel_arguments()
            if tls is None:
                channel = grpc.aio.insecure_channel(address, options=arguments)
            else:
                channel = grpc.aio.secure_channel(address, tls.credentials(), options=arguments)
            self._channels[lane, address] = channel
        return channel


def is_cancelling() -> bool:
    """Whether the task that runs now is being cancelled, as far as Python tells (from 3.11 on)."""
    task = asyncio.current_task()
    cancelling = getattr(task, "cancelling", None)
    return cancelling is not None and cancelling() > 0
