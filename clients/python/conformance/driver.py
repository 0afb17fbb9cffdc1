"""The driver that the conformance cases talk to: requests and answers are lines of JSON.

`python conformance/driver.py` drives the client of asyncio, `python conformance/driver.py threads` the other one.
"""

from __future__ import annotations

import asyncio
import json
import sys
import threading
import traceback
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from bridge import AioBridge, Bridge, ThreadBridge
from forms import Fields, error_fields
from operations import OPERATIONS
from things import Things

import playhead

# Each request that waits has a thread.
THREADS = 64


async def answer(things: Things, request: Fields) -> Fields:
    """Does what a request asks for."""
    number = request.get("id")
    operation: Callable[[Things, Fields], Awaitable[Any]] | None = OPERATIONS.get(request["op"])
    try:
        if operation is None:
            raise LookupError(f"there is no operation {request['op']}")
        return {"id": number, "result": await operation(things, request) or {}}
    except playhead.Error as error:
        return {"id": number, "error": error_fields(error)}
    except Exception:  # noqa: BLE001 - a fault of the driver fails the case
        fault = {"reason": "DRIVER", "message": traceback.format_exc(), "retryable": False}
        return {"id": number, "error": {**fault, "metadata": {}}}


async def serve(bridge: Bridge) -> None:
    """Answers requests until standard input ends."""
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(THREADS))
    lines: asyncio.Queue[str | None] = asyncio.Queue()

    def read() -> None:
        for line in sys.stdin:
            loop.call_soon_threadsafe(lines.put_nowait, line)
        loop.call_soon_threadsafe(lines.put_nowait, None)

    threading.Thread(target=read, daemon=True).start()
    things = Things(bridge)
    tasks: set[asyncio.Task[None]] = set()

    async def run(request: Fields) -> None:
        sys.stdout.write(json.dumps(await answer(things, request)) + "\n")
        sys.stdout.flush()

    while (line := await lines.get()) is not None:
        task = asyncio.create_task(run(json.loads(line)))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    await things.close()


if __name__ == "__main__":
    asyncio.run(serve(ThreadBridge() if "threads" in sys.argv[1:] else AioBridge()))
