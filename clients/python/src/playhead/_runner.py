"""Keeps the stream of a core going, with threads."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import grpc

from playhead._stream_core import StreamCore
from playhead._sync_connection import Connection
from playhead.errors import Error, closed_error

END_TIMEOUT_S = 1.0


class StreamRunner:
    """One thread that opens calls and reads them; gRPC has another one that writes.

    `lock` guards the core. Whoever has changed the core, under the lock, calls `wake`.
    """

    def __init__(self, connection: Connection, core: StreamCore, name: str) -> None:
        self.lock = threading.RLock()
        self.progress = threading.Condition(self.lock)
        """Notified when something came from the broker, or the end."""
        self._work = threading.Condition(self.lock)
        self._is_waiting = False
        self._connection = connection
        self._core = core
        self._call: Any = None
        self.is_stopped = False
        """Whether it is over: nothing comes any more."""
        self._thread = threading.Thread(target=self._run, name=f"playhead {name}", daemon=True)
        self.is_begun = False
        """Whether `start` was called."""

    def start(self) -> None:
        """Begins, if it has not begun."""
        with self.lock:
            if not self.is_begun and not self.is_stopped:
                self.is_begun = True
                self._thread.start()

    def wake(self) -> None:
        """There may be something to send. Under the lock."""
        if self._is_waiting:
            self._is_waiting = False
            self._work.notify_all()

    def join(self, seconds: float = END_TIMEOUT_S) -> None:
        """Waits for the end of a core that is over or ends its side, and breaks it off if that takes too long."""
        if not self.is_begun or threading.current_thread() is self._thread:
            return
        self._thread.join(seconds)
        if self._thread.is_alive():
            self.stop()
            self._thread.join(min(seconds, END_TIMEOUT_S))

    def stop(self) -> None:
        """Breaks off."""
        with self.lock:
            self.is_stopped = True
            self._work.notify_all()
            call = self._call
        if call is not None:
            call.cancel()

    def _run(self) -> None:
        try:
            while self._wait_for_work():
                delay = self._run_call()
                if delay:
                    self._pause(delay)
        except Exception as cause:  # noqa: BLE001 - whoever waits is to hear of a fault of this package, too
            error = Error("INTERNAL", f"the client failed: {cause!r}")
            error.__cause__ = cause
            self._fail(error)
        finally:
            with self.lock:
                self.is_stopped = True
                if not self._core.is_over:
                    self._core.fail(closed_error("the client"))
                self.progress.notify_all()

    def _wait_for_work(self) -> bool:
        with self.lock:
            while not (self.is_stopped or self._core.is_over or self._core.wants_stream):
                self._wait()
            return not (self.is_stopped or self._core.is_over)

    def _wait(self) -> None:
        self._is_waiting = True
        self._work.wait()

    def _pause(self, seconds: float) -> None:
        def is_over() -> bool:
            # What is handed over meanwhile wakes it, too, and it waits on.
            self._is_waiting = True
            return self.is_stopped or self._core.is_over or self._connection.is_closed

        with self.lock:
            self._work.wait_for(is_over, timeout=seconds)

    def _run_call(self) -> float | None:
        """Makes one call, to its end. Returns the seconds until the next one."""
        connection = self._connection
        address = connection.address
        try:
            self._ask()
        except Error as error:
            if not error.retryable:
                self._fail(error)
                return None
            return self._lose(error, address)
        try:
            requests = _Requests(self)
            with self.lock:
                self._core.opened(address)
            call = connection.stream_stream(self._core.lane, self._core.path, requests, address)
            self._call = call
        except Error as error:
            return self._lose(error, address)
        try:
            why = self._read(call) or Error("UNREACHABLE", f"broker {address} ended the stream")
        except grpc.RpcError as cause:
            why = connection.explain(cause, address)
        finally:
            requests.end()
            self._call = None
        return self._lose(why, address)

    def _read(self, call: Any) -> Error | None:
        for data in call:
            with self.lock:
                error = self._core.receive(data)
                self.progress.notify_all()
                self._is_waiting = False
                self._work.notify_all()
                if error is None and not self._core.is_over:
                    continue
            if error is not None:
                call.cancel()
                return error
        return None

    def _lose(self, error: Error, address: str) -> float | None:
        with self.lock:
            if self._core.is_over:
                return None
            if self._connection.is_closed:
                self._core.fail(error)
                self.is_stopped = True
                return None
            delay = self._core.lost(error, address)
            self.progress.notify_all()
            return delay

    def _fail(self, error: Error) -> None:
        with self.lock:
            self._core.fail(error)
            self.progress.notify_all()

    def _ask(self) -> None:
        while True:
            with self.lock:
                question = self._core.question()
            if question is None:
                return
            self._connection.run(question)

    def next_request(self, requests: _Requests) -> bytes:
        """The next request of a call; StopIteration when its side is to be ended."""
        with self.lock:
            while True:
                if requests.is_over or self.is_stopped:
                    raise StopIteration
                data = self._core.take()
                if data is not None:
                    return data
                if self._core.is_done_sending:
                    raise StopIteration
                question = self._core.question()
                if question is not None:
                    break
                self._wait()
        return self._ask_within(requests)

    def _ask_within(self, requests: _Requests) -> bytes:
        try:
            self._ask()
        except Error as error:
            if not error.retryable:
                self._fail(error)
            raise StopIteration from error
        return self.next_request(requests)

    def end_requests(self, requests: _Requests) -> None:
        """The call is over."""
        with self.lock:
            requests.is_over = True
            self._work.notify_all()


class _Requests(Iterator[bytes]):
    """What gRPC sends over one call. It asks in a thread of its own."""

    def __init__(self, runner: StreamRunner) -> None:
        self._runner = runner
        self.is_over = False

    def __next__(self) -> bytes:
        return self._runner.next_request(self)

    def end(self) -> None:
        """Ends that thread."""
        self._runner.end_requests(self)
