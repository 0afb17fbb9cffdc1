"""Administration of topics and of durable subscriptions, with threads."""

from __future__ import annotations

from collections.abc import Iterator

from playhead import _requests as requests
from playhead._sync_connection import Connection
from playhead.events import Closed
from playhead.position import Time
from playhead.subscription_info import SubscriptionInfo
from playhead.topic import TopicConfig, TopicInfo


class Topics:
    """Creates, describes, trims, closes and deletes topics. Each request is repeated until it is answered."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, topic: str, config: TopicConfig | None = None) -> TopicInfo:
        """Makes a topic. TOPIC_EXISTS if one of that name has another configuration."""
        return self._connection.request(requests.create_topic(topic, config))

    def get(self, topic: str) -> TopicInfo:
        """Describes a topic. TOPIC_NOT_FOUND if there is none."""
        return self._connection.request(requests.get_topic(topic))

    def update(self, topic: str, config: TopicConfig) -> TopicInfo:
        """Changes those settings that are not None."""
        return self._connection.request(requests.update_topic(topic, config))

    def trim(self, topic: str, before: Time) -> TopicInfo:
        """Removes the messages before a time, for ever."""
        return self._connection.run(requests.trim_topic(topic, before))

    def close(self, topic: str, *, reason: str = "", checksum: str = "") -> Closed:
        """Closes a topic. Closing again is no error and answers as the first time."""
        return self._connection.request(requests.close_topic(topic, reason, checksum))

    def delete(self, topic: str) -> None:
        """Removes a topic; its subscriptions end with TOPIC_DELETED, and the name is free."""
        self._connection.request(requests.delete_topic(topic))

    def list(self, glob: str = "", *, page_size: int = 0) -> Iterator[TopicInfo]:
        """The topics that match, by name, fetched page by page."""
        page_token = ""
        while True:
            request = requests.list_topics(glob, page_size, page_token)
            page, page_token = self._connection.request(request)
            yield from page
            if not page_token:
                return


class Subscriptions:
    """The durable subscriptions of all topics."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self, glob: str = "", *, page_size: int = 0) -> Iterator[SubscriptionInfo]:
        """The subscriptions of the topics that match, by topic and name, fetched page by page."""
        page_token = ""
        while True:
            request = requests.list_subscriptions(glob, page_size, page_token)
            page, page_token = self._connection.request(request)
            yield from page
            if not page_token:
                return
