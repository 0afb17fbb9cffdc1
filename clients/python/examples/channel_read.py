"""Reads a channel from its first message to its end: `python examples/channel_read.py some_chan`.

PLAYHEAD_ADDRESS says where the broker is; by default it is the one at 127.0.0.1:17777.
"""

import asyncio
import os
import sys

from playhead import aio


async def main(name: str) -> None:
    address = os.environ.get("PLAYHEAD_ADDRESS", "127.0.0.1:17777")
    async with aio.connect(address) as client, client.channel(name).subscribe() as reader:
        async for message in reader:
            print(message.time.isoformat(), message.text)
        print(f"{reader.message_count} messages, verified: {reader.is_verified}", file=sys.stderr)


asyncio.run(main(sys.argv[1]))
