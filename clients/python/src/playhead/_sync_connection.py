"""The connection of a client of threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any, TypeVar

import grpc

from playhead._connection import Attempts, ConnectionState, Flow, Lane, Unary, decode_answer
from playhead.errors import Error, closed_error, from_rpc
from playhead.options import ClientOptions

T = TypeVar("T")


class Connection(ConnectionState):
    """Calls of one broker at a time, over one gRPC channel for each lane."""

    def __init__(self, addresses: tuple[str, ...], options: ClientOptions) -> None:
        super().__init__(addresses, options)
        self._lock = threading.Lock()
        self._channels: dict[tuple[Lane, str], grpc.Channel] = {}
        self._closed = threading.Event()

    def run(self, flow: Flow[T]) -> T:
        """Makes requests that follow from each other."""
        answer: Any = None
        while True:
            try:
                request = flow.send(answer)
            except StopIteration as end:
                result: T = end.value
                return result
            answer = self.request(request)

    def request(self, request: Unary[T]) -> T:
        """Makes one request, and repeats it while its failures are retryable, within `request_timeout_ms` in all."""
        attempts = Attempts(self, request, time.monotonic)
        while True:
            address = self.address
            try:
                call: Any = self._channel("publish", address).unary_unary(
                    request.path, request_serializer=None, response_deserializer=None
                )
                return decode_answer(request, call(request.request, timeout=attempts.left), address)
            except (grpc.RpcError, ValueError) as cause:
                # A channel that was closed meanwhile is a ValueError.
                error = self.explain(cause, address)
            delay = attempts.fail(error, address)
            if delay is None:
                return request.decode(b"")
            self._closed.wait(delay)

    def stream_stream(self, lane: Lane, path: str, requests: Iterator[bytes], address: str) -> Any:
        """Opens a call of requests and responses, both as bytes."""
        method: Any = self._channel(lane, address).stream_stream(
            path, request_serializer=None, response_deserializer=None
        )
        return method(requests)

    def unary_stream(self, lane: Lane, path: str, request: bytes, address: str) -> Any:
        """Opens a call of responses, as bytes."""
        method: Any = self._channel(lane, address).unary_stream(
            path, request_serializer=None, response_deserializer=None
        )
        return method(request)

    def explain(self, cause: Exception, address: str) -> Error:
        """Why a call failed. What is neither gRPC's nor for the client being closed is raised again."""
        if self.is_closed:
            return closed_error("the client")
        if isinstance(cause, grpc.RpcError):
            return from_rpc(cause, address)
        raise cause

    def close(self) -> None:
        """Ends what waits, and disconnects."""
        with self._lock:
            self.is_closed = True
            channels = list(self._channels.values())
            self._channels.clear()
        self._closed.set()
        for channel in channels:
            channel.close()

    def _channel(self, lane: Lane, address: str) -> grpc.Channel:
        with self._lock:
            self.check_open()
            channel = self._channels.get((lane, address))
            if channel is None:
                tls = self.options.tls
                arguments = self.channel_arguments()
                if tls is None:
                    channel = grpc.insecure_channel(address, options=arguments)
                else:
                    channel = grpc.secure_channel(address, tls.credentials(), options=arguments)
                self._channels[lane, address] = channel
            return channel
