"""Client of playhead: network channels, rewindable subscriptions and queues.

`connect` is for threads; `playhead.aio.connect` for asyncio.
"""

from playhead._publish_request import PublishAck
from playhead._requests import Page
from playhead.channel import Channel
from playhead.client import Client, connect
from playhead.consumption import Consumption, Delivery
from playhead.consumption_event import (
    ConsumptionEnd,
    ConsumptionEvent,
    ConsumptionStarted,
    Disconnected,
    Drained,
    Failed,
    Left,
    Sought,
    SubscriptionDeleted,
)
from playhead.durable_subscription import DurableSubscription
from playhead.errors import BrokerReason, ClientReason, Error, Reason
from playhead.events import CaughtUp, Closed, Deleted, Event, SubscriptionStart, Trimmed
from playhead.message import Headers, Message, NewMessage, Publishable
from playhead.options import RetryEvent, Tls
from playhead.position import Last, Position, Time, Until
from playhead.publisher import Publisher
from playhead.subscription import Subscription
from playhead.subscription_info import Backoff, SubscriptionConfig, SubscriptionInfo
from playhead.topic import ServerInfo, TopicConfig, TopicInfo
from playhead.topics import Subscriptions, Topics

__all__ = [
    "Backoff",
    "BrokerReason",
    "CaughtUp",
    "Channel",
    "Client",
    "ClientReason",
    "Closed",
    "Consumption",
    "ConsumptionEnd",
    "ConsumptionEvent",
    "ConsumptionStarted",
    "Deleted",
    "Delivery",
    "Disconnected",
    "Drained",
    "DurableSubscription",
    "Error",
    "Event",
    "Failed",
    "Headers",
    "Last",
    "Left",
    "Message",
    "NewMessage",
    "Page",
    "Position",
    "PublishAck",
    "Publishable",
    "Publisher",
    "Reason",
    "RetryEvent",
    "ServerInfo",
    "Sought",
    "Subscription",
    "SubscriptionConfig",
    "SubscriptionDeleted",
    "SubscriptionInfo",
    "SubscriptionStart",
    "Subscriptions",
    "Time",
    "Tls",
    "TopicConfig",
    "TopicInfo",
    "Topics",
    "Trimmed",
    "Until",
    "connect",
]
