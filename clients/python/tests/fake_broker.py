"""A gRPC server that answers as a test tells it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc

from playhead.v1 import broker_pb2

Stub = Callable[[Any, grpc.ServicerContext], Any]


class FakeBroker:
    """Says who it is, and whatever else is set."""

    def __init__(self, version: str = "fake") -> None:
        self.version = version
        self.subscribe: Stub | None = None
        self.publish_stream: Stub | None = None
        self.calls: list[Any] = []

    def handlers(self) -> grpc.GenericRpcHandler:
        """The methods, as gRPC wants them."""
        methods: dict[str, Any] = {
            "GetServerInfo": grpc.unary_unary_rpc_method_handler(
                self._get_server_info,
                broker_pb2.GetServerInfoRequest.FromString,
                broker_pb2.GetServerInfoResponse.SerializeToString,
            ),
            "Subscribe": grpc.unary_stream_rpc_method_handler(
                self._subscribe,
                broker_pb2.SubscribeRequest.FromString,
                broker_pb2.SubscribeResponse.SerializeToString,
            ),
            "PublishStream": grpc.stream_stream_rpc_method_handler(
                self._publish_stream,
                broker_pb2.PublishStreamRequest.FromString,
                broker_pb2.PublishStreamResponse.SerializeToString,
            ),
        }
        return grpc.method_handlers_generic_handler("playhead.v1.BrokerService", methods)

    def _get_server_info(self, _: Any, __: grpc.ServicerContext) -> Any:
        return broker_pb2.GetServerInfoResponse(version=self.version)

    def _subscribe(self, request: Any, context: grpc.ServicerContext) -> Any:
        self.calls.append(request)
        assert self.subscribe is not None
        return self.subscribe(request, context)

    def _publish_stream(self, requests: Any, context: grpc.ServicerContext) -> Any:
        assert self.publish_stream is not None
        return self.publish_stream(requests, context)


@contextmanager
def serve(broker: FakeBroker, credentials: grpc.ServerCredentials | None = None) -> Iterator[int]:
    """Serves on a free port of localhost."""
    server = grpc.server(ThreadPoolExecutor(8))
    server.add_generic_rpc_handlers((broker.handlers(),))
    if credentials is None:
        port = server.add_insecure_port("localhost:0")
    else:
        port = server.add_secure_port("localhost:0", credentials)
    server.start()
    try:
        yield port
    finally:
        server.stop(None).wait()
