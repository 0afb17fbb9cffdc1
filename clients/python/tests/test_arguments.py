"""What is no message, in both clients. No broker is asked."""

from collections.abc import Iterator
from typing import Any

import pytest

import playhead
from playhead import aio

NO_MESSAGES: list[Any] = [None, 5, ["a"], {"a": "b"}]
ONE_MESSAGE: list[Any] = ["abc", b"abc", bytearray(b"abc"), playhead.NewMessage("abc")]


@pytest.fixture
def client() -> Iterator[playhead.Client]:
    with playhead.connect("localhost:1") as client:
        yield client


@pytest.mark.parametrize("message", NO_MESSAGES)
def test_what_is_no_message_is_a_type_error(client: playhead.Client, message: Any) -> None:
    expected = f"a message is text or bytes, not {type(message).__name__}"
    publisher = client.publisher("t")
    with pytest.raises(TypeError, match=expected):
        publisher.publish(message)
    with pytest.raises(TypeError, match=expected):
        publisher.publish_batch([message])
    with pytest.raises(TypeError, match=expected):
        publisher.publish_all([message])
    assert publisher.buffered_bytes == 0


def test_a_value_that_is_none_is_a_type_error(client: playhead.Client) -> None:
    wrong: Any = None
    with pytest.raises(TypeError, match="the value of a message is text or bytes, not NoneType"):
        client.publisher("t").publish(playhead.NewMessage(wrong))


@pytest.mark.parametrize("message", ONE_MESSAGE)
def test_one_message_is_no_list_of_messages(client: playhead.Client, message: Any) -> None:
    expected = f"messages are a list or another iterable, not {type(message).__name__}"
    publisher = client.publisher("t")
    with pytest.raises(TypeError, match=expected):
        publisher.publish_batch(message)
    with pytest.raises(TypeError, match=expected):
        publisher.publish_all(message)
    with pytest.raises(TypeError, match=expected):
        client.channel("c").close(messages=message)


@pytest.mark.parametrize("message", NO_MESSAGES)
async def test_what_is_no_message_is_a_type_error_with_asyncio(message: Any) -> None:
    expected = f"a message is text or bytes, not {type(message).__name__}"
    async with aio.connect("localhost:1") as client:
        publisher = client.publisher("t")
        with pytest.raises(TypeError, match=expected):
            publisher.publish(message)
        with pytest.raises(TypeError, match=expected):
            await publisher.publish_batch([message])
        with pytest.raises(TypeError, match=expected):
            await publisher.publish_all([message])


@pytest.mark.parametrize("message", ONE_MESSAGE)
async def test_one_message_is_no_list_of_messages_with_asyncio(message: Any) -> None:
    expected = f"messages are a list or another iterable, not {type(message).__name__}"
    async with aio.connect("localhost:1") as client:
        publisher = client.publisher("t")
        with pytest.raises(TypeError, match=expected):
            await publisher.publish_batch(message)
        with pytest.raises(TypeError, match=expected):
            await publisher.publish_all(message)
        with pytest.raises(TypeError, match=expected):
            await client.channel("c").close(messages=message)
