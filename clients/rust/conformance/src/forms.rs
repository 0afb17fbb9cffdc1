//! The client's values as the protocol of drivers has them, and the other way round.

use std::time::Duration;

use playhead::{
    BacklogPolicy, Closed, Delivery, DeliveryMode, Durability, Message, NewMessage, Page, Position,
    RedeliveryBackoff, ServerInfo, SubscriptionConfig, SubscriptionInfo, TopicConfig, TopicInfo,
    Until,
};
use serde_json::{Value, json};

use crate::fault::Fault;
use crate::fields::{Fields, base64};

pub(crate) fn to_messages(request: &Fields) -> Result<Vec<NewMessage>, Fault> {
    request.list("messages").iter().map(to_message).collect()
}

fn to_message(fields: &Fields) -> Result<NewMessage, Fault> {
    let mut message = NewMessage::new(fields.bytes("value")?).key(fields.bytes("key")?);
    for header in fields.list("headers") {
        message = message.header(header.text("name")?, header.bytes("value")?);
    }
    Ok(message)
}

pub(crate) fn to_position(request: &Fields, name: &str) -> Result<Option<Position>, Fault> {
    let fields = request.object(name);
    Ok(match request.get(name) {
        Value::Null => None,
        Value::String(text) if text == "earliest" => Some(Position::Earliest),
        Value::String(text) if text == "latest" => Some(Position::Latest),
        _ if fields.has("timestampNs") => {
            Some(Position::TimestampNs(fields.timestamp_ns("timestampNs")?))
        }
        _ if fields.has("agoMs") => fields.milliseconds("agoMs").map(Position::Ago),
        _ if fields.has("last") => fields.number("last").map(Position::Last),
        other => return Err(Fault::Driver(format!("{other} is no position"))),
    })
}

pub(crate) fn to_until(request: &Fields) -> Result<Option<Until>, Fault> {
    match request.get("until") {
        Value::Null => Ok(None),
        Value::String(text) if text == "now" => Ok(Some(Until::Now)),
        _ => {
            let timestamp_ns = request.object("until").timestamp_ns("timestampNs")?;
            Ok(Some(Until::TimestampNs(timestamp_ns)))
        }
    }
}

pub(crate) fn to_topic_config(request: &Fields) -> TopicConfig {
    let config = request.object("config");
    TopicConfig {
        max_age: config.milliseconds("maxAgeMs"),
        max_bytes: config.number("maxBytes"),
        max_messages: config.number("maxMessages"),
        max_message_bytes: config.number("maxMessageBytes"),
        trim_consumed: config.get("trimConsumed").as_bool(),
    }
}

pub(crate) fn to_subscription_config(request: &Fields) -> Result<SubscriptionConfig, Fault> {
    let config = request.object("config");
    let mode = match config.optional_text("mode") {
        None => None,
        Some("shared") => Some(DeliveryMode::Shared),
        Some("exclusive") => Some(DeliveryMode::Exclusive),
        Some("key_ordered") => Some(DeliveryMode::KeyOrdered),
        Some(other) => return Err(Fault::Driver(format!("{other} is no mode"))),
    };
    let backlog_policy = match config.optional_text("backlogPolicy") {
        None => None,
        Some("refuse") => Some(BacklogPolicy::Refuse),
        Some("drop_oldest") => Some(BacklogPolicy::DropOldest),
        Some("wait") => Some(BacklogPolicy::Wait),
        Some(other) => return Err(Fault::Driver(format!("{other} is no backlog policy"))),
    };
    let delays = config.get("backoffMs").as_array().map(|delays| {
        let delays = delays.iter().filter_map(Value::as_u64);
        RedeliveryBackoff::Delays(delays.map(Duration::from_millis).collect())
    });
    Ok(SubscriptionConfig {
        mode,
        lease: config.milliseconds("leaseMs"),
        max_attempts: config.number("maxAttempts"),
        max_in_flight: config.number("maxInFlight"),
        backoff: delays,
        idle_expiry: config.milliseconds("idleExpiryMs"),
        dead_letter_topic: config.optional_text("deadLetterTopic").map(str::to_owned),
        max_pending: config.number("maxPending"),
        backlog_policy,
    })
}

pub(crate) fn message_json(message: &Message) -> Value {
    let headers: Vec<Value> = message
        .headers
        .iter()
        .map(|header| json!({ "name": header.name, "value": base64(&header.value) }))
        .collect();
    without_nulls(json!({
        "topic": &*message.topic,
        "timestampNs": message.timestamp_ns.to_string(),
        "value": base64(&message.value),
        "key": (!message.key.is_empty()).then(|| base64(&message.key)),
        "headers": (!headers.is_empty()).then_some(headers),
    }))
}

pub(crate) fn closed_json(closed: &Closed) -> Value {
    without_nulls(json!({
        "timestampNs": closed.timestamp_ns.to_string(),
        "messageCount": closed.message_count,
        "reason": closed.reason,
        "checksum": closed.checksum_hex(),
    }))
}

pub(crate) fn topic_json(info: &TopicInfo) -> Value {
    let config = &info.config;
    without_nulls(json!({
        "topic": info.topic,
        "config": {
            "maxAgeMs": config.max_age.map(ms),
            "maxBytes": config.max_bytes,
            "maxMessages": config.max_messages,
            "maxMessageBytes": config.max_message_bytes,
            "trimConsumed": config.trim_consumed,
        },
        "createdTimestampNs": info.created_timestamp_ns.to_string(),
        "firstTimestampNs": timestamp(info.first_timestamp_ns),
        "lastTimestampNs": timestamp(info.last_timestamp_ns),
        "messageCount": info.message_count,
        "byteCount": info.byte_count,
        "closed": info.closed.as_ref().map(closed_json),
    }))
}

pub(crate) fn page_json(page: &Page) -> Value {
    without_nulls(json!({
        "messages": page.messages.iter().map(message_json).collect::<Vec<_>>(),
        "nextTimestampNs": page.next_timestamp_ns.to_string(),
        "isCaughtUp": page.is_caught_up,
        "trimmed": page.trimmed.as_ref().map(|trimmed| without_nulls(json!({
            "topic": trimmed.topic,
            "firstTimestampNs": timestamp(trimmed.first_timestamp_ns),
        }))),
        "closed": page.closed.as_ref().map(closed_json),
    }))
}

pub(crate) fn subscription_json(info: &SubscriptionInfo) -> Value {
    json!({
        "topic": info.topic,
        "subscription": info.subscription,
        "config": subscription_config_json(&info.config),
        "pendingCount": info.pending_count,
        "inFlightCount": info.in_flight_count,
        "waitingCount": info.waiting_count,
        "redeliveredCount": info.redelivered_count,
        "deadLetteredCount": info.dead_lettered_count,
        "acknowledgedCount": info.acknowledged_count,
        "workerCount": info.worker_count,
        "isDrained": info.is_drained,
    })
}

fn subscription_config_json(config: &SubscriptionConfig) -> Value {
    let mode = match config.mode {
        Some(DeliveryMode::Exclusive) => "exclusive",
        Some(DeliveryMode::KeyOrdered) => "key_ordered",
        _ => "shared",
    };
    let backlog_policy = match config.backlog_policy {
        Some(BacklogPolicy::DropOldest) => "drop_oldest",
        Some(BacklogPolicy::Wait) => "wait",
        _ => "refuse",
    };
    let delays = match &config.backoff {
        Some(RedeliveryBackoff::Delays(delays)) => Some(delays),
        _ => None,
    };
    without_nulls(json!({
        "mode": mode,
        "leaseMs": config.lease.map(ms),
        "maxAttempts": config.max_attempts,
        "maxInFlight": config.max_in_flight,
        "backoffMs": delays.map(|delays| delays.iter().copied().map(ms).collect::<Vec<_>>()),
        "idleExpiryMs": config.idle_expiry.map(ms),
        "deadLetterTopic": config.dead_letter_topic,
        "maxPending": config.max_pending,
        "backlogPolicy": backlog_policy,
    }))
}

pub(crate) fn delivery_json(name: &str, delivery: &Delivery) -> Value {
    json!({
        "delivery": name,
        "attempt": delivery.attempt(),
        "message": message_json(delivery.message()),
    })
}

pub(crate) fn server_info_json(info: &ServerInfo) -> Value {
    let durability = match info.durability {
        Durability::Fsync => "fsync",
        Durability::Os => "os",
        Durability::Memory => "memory",
        _ => "unknown",
    };
    json!({
        "version": info.version,
        "durability": durability,
        "maxMessageBytes": info.max_message_bytes,
        "maxRequestBytes": info.max_request_bytes,
    })
}

pub(crate) fn timestamp(timestamp_ns: Option<i64>) -> Option<String> {
    timestamp_ns.map(|timestamp_ns| timestamp_ns.to_string())
}

/// What is not set is left out.
pub(crate) fn without_nulls(mut value: Value) -> Value {
    if let Value::Object(fields) = &mut value {
        fields.retain(|_, field| !field.is_null());
    }
    value
}

fn ms(duration: Duration) -> u128 {
    duration.as_millis()
}
