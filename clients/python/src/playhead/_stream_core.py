"""What the runners of threads and of asyncio keep going: a stream whose client says what is sent over it.

A core does no input or output and waits for nothing. Its runner asks it for what to send, gives it what came, and tells
it when the stream was lost; in threads one lock guards it.
"""

from __future__ import annotations

from typing import Protocol

from playhead._connection import Flow, Lane
from playhead.errors import Error


class StreamCore(Protocol):
    """One end of a stream of requests and responses, over as many calls as it takes."""

    lane: Lane
    path: str

    @property
    def is_over(self) -> bool:
        """Whether nothing will be sent or received any more."""

    @property
    def wants_stream(self) -> bool:
        """Whether there is a reason to have a call."""

    @property
    def is_done_sending(self) -> bool:
        """Whether the client's side of the call is to be ended."""

    def question(self) -> Flow[None] | None:
        """What has to be asked before the next request can be sent."""

    def opened(self, address: str) -> None:
        """A new call begins."""

    def take(self) -> bytes | None:
        """The next request, if there is one now."""

    def receive(self, data: bytes) -> Error | None:
        """Takes a response. Returns why the call cannot be used any more."""

    def lost(self, error: Error, address: str) -> float | None:
        """The call, or a question, is over before its time. Returns how many seconds to wait before the next one."""

    def fail(self, error: Error) -> None:
        """Ends at once."""
