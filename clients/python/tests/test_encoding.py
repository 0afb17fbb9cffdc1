"""Messages and batches, against the generated code."""

import pytest

from playhead import NewMessage, Publishable
from playhead._batch import Batch
from playhead._response import make_messages, size_in_response, split_messages
from playhead._wire import encode_varint, read_varint
from playhead.message import Message
from playhead.v1 import broker_pb2, message_pb2

MESSAGES: list[Publishable] = [
    "",
    b"",
    "text",
    "Zürich",
    b"x" * 127,
    b"x" * 128,
    b"x" * 70_000,
    NewMessage("value", key="key"),
    NewMessage(b"\x00\xff", key=b"\x01", headers={"kind": "order", "empty": b""}),
    NewMessage(headers=[("twice", "1"), ("twice", b"2")]),
]


def decode(batch: Batch, *, is_first: bool = True) -> broker_pb2.PublishStreamRequest:
    return broker_pb2.PublishStreamRequest.FromString(batch.encode(7, is_first=is_first))


@pytest.mark.parametrize("number", [0, 1, 127, 128, 300, 2**32, 2**63 - 1])
def test_a_varint_is_read_as_it_was_written(number: int) -> None:
    data = encode_varint(number)
    assert read_varint(b"\xff" + data, 1) == (number, 1 + len(data))


def test_a_varint_without_an_end_is_refused() -> None:
    with pytest.raises(ValueError, match="not well-formed"):
        read_varint(b"\xff" * 20, 0)


@pytest.mark.parametrize("message", MESSAGES, ids=str)
def test_a_batch_is_what_protobuf_understands(message: Publishable) -> None:
    batch = Batch(Batch.encode_prefix("orders", "shop"))
    batch.add(message)
    request = decode(batch)
    new = message if isinstance(message, NewMessage) else NewMessage(message)
    (sent,) = request.messages
    assert (request.topic, request.producer, request.sequence) == ("orders", "shop", 7)
    assert sent.value == _bytes(new.value)
    assert sent.key == _bytes(new.key)
    headers = list(new.headers.items()) if isinstance(new.headers, dict) else list(new.headers)
    assert [(each.name, each.value) for each in sent.headers] == [
        (n, _bytes(v)) for n, v in headers
    ]


def test_a_message_leaves_the_room_that_the_brokers_stamp_needs() -> None:
    batch = Batch(b"")
    batch.add("text")
    assert decode(batch).messages[0].timestamp_ns == 1 << 56


def test_only_the_first_request_of_a_stream_names_topic_and_producer() -> None:
    batch = Batch(Batch.encode_prefix("orders", "shop"))
    batch.add("a")
    assert decode(batch, is_first=False).topic == ""
    assert decode(batch, is_first=True).topic == "orders"


def test_a_batch_tells_its_values_again() -> None:
    batch = Batch(b"")
    for message in ("a", NewMessage("b", key="k"), ""):
        batch.add(message)
    assert list(batch.values()) == [b"a", b"b", b""]


def test_what_is_no_message_is_a_type_error_and_adds_nothing() -> None:
    batch = Batch(b"")
    with pytest.raises(TypeError, match="text or bytes, not int"):
        batch.add(7)  # type: ignore[arg-type]
    assert (batch.count, batch.byte_length) == (0, 0)


def test_a_message_is_decoded_as_protobuf_does() -> None:
    wire = message_pb2.Message(
        timestamp_ns=1_790_000_000_000_000_123,
        key=b"k",
        value=b"v" * 300,
        headers=[
            message_pb2.Header(name="a", value=b"1"),
            message_pb2.Header(name="a", value=b"2"),
        ],
    )
    message = Message("orders", wire.SerializeToString())
    assert message.timestamp_ns == wire.timestamp_ns
    assert (message.key, message.value) == (b"k", b"v" * 300)
    assert message.headers == [("a", b"1"), ("a", b"2")]
    assert message.header("a") == b"1"
    assert message.header("b") is None
    assert message.time.isoformat() == "2026-09-21T14:13:20+00:00"
    assert message.byte_length == wire.ByteSize()


def test_of_several_fields_with_one_tag_the_last_one_counts() -> None:
    data = message_pb2.Message(timestamp_ns=1 << 56, value=b"first").SerializeToString()
    assert Message("t", data + b"\x1a\x04last").value == b"last"


def test_a_response_is_cut_into_messages_and_the_rest() -> None:
    response = broker_pb2.SubscribeResponse(
        messages=[message_pb2.Message(timestamp_ns=n, value=b"x" * n) for n in (1, 200, 20_000)],
        runs=[
            message_pb2.Run(topic="a", message_count=1),
            message_pb2.Run(topic="b", message_count=2),
        ],
        caught_up=broker_pb2.CaughtUp(next_timestamp_ns=5),
    )
    encoded, rest = split_messages(response.SerializeToString())
    details = broker_pb2.SubscribeResponse.FromString(rest)
    messages = make_messages("", encoded, details.runs)
    assert [(each.topic, len(each.value)) for each in messages] == [
        ("a", 1),
        ("b", 200),
        ("b", 20_000),
    ]
    assert details.caught_up.next_timestamp_ns == 5
    alone = broker_pb2.SubscribeResponse(messages=response.messages).ByteSize()
    assert sum(map(size_in_response, messages)) == alone


@pytest.mark.parametrize("data", [b"\x0a", b"\x0a\x05abc", b"\x0a\xff\xff\xff\xff", b"\x0b"])
def test_a_response_that_is_cut_short_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="not well-formed"):
        split_messages(data)


def _bytes(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content
