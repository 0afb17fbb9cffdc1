"""Writes a channel: `python examples/channel_write.py some_chan`, then lines of text; the end of input closes it.

PLAYHEAD_ADDRESS says where the broker is; by default it is the one at 127.0.0.1:17777.
"""

import os
import sys

import playhead

with playhead.connect(os.environ.get("PLAYHEAD_ADDRESS", "127.0.0.1:17777")) as client:
    channel = client.channel(sys.argv[1])
    channel.publish_all(line.rstrip("\n") for line in sys.stdin)
    closed = channel.close(reason="end of input")
    print(f"closed after {closed.message_count} messages, MD5 {closed.checksum}")
