"""Reads a channel from its first message to its end: `python examples/channel_read.py some_chan`."""

import asyncio
import sys

from playhead import aio


async def main(name: str) -> None:
    async with aio.connect() as client, client.channel(name).subscribe() as reader:
        async for message in reader:
            print(message.time.isoformat(), message.text)
        print(f"{reader.message_count} messages, verified: {reader.is_verified}", file=sys.stderr)


asyncio.run(main(sys.argv[1]))
