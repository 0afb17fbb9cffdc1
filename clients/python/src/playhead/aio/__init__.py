"""The client for asyncio: as `playhead`, whose other names it shares."""

from playhead.aio.channel import Channel
from playhead.aio.client import Client, connect
from playhead.aio.consumption import Consumption, Delivery
from playhead.aio.durable_subscription import DurableSubscription
from playhead.aio.publisher import Publisher
from playhead.aio.subscription import Subscription
from playhead.aio.topics import Subscriptions, Topics

__all__ = [
    "Channel",
    "Client",
    "Consumption",
    "Delivery",
    "DurableSubscription",
    "Publisher",
    "Subscription",
    "Subscriptions",
    "Topics",
    "connect",
]
