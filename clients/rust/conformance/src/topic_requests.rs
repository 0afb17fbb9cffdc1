//! Requests about topics.

use playhead::Error;
use playhead::TopicInfo;
use serde_json::{Value, json};

use crate::driver::{Begun, Driver, later};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::forms::{closed_json, to_topic_config, topic_json};

impl Driver {
    pub(crate) fn begin_topic(&self, operation: &str, request: &Fields) -> Begun {
        let topics = match operation {
            "createTopic" | "updateTopic" | "getTopic" | "listTopics" | "trimTopic"
            | "closeTopic" | "deleteTopic" => self.client(request)?.topics(),
            _ => return Ok(None),
        };
        let topic = request
            .optional_text("topic")
            .unwrap_or_default()
            .to_owned();
        match operation {
            "createTopic" => {
                let config = to_topic_config(request);
                later(async move { answer(topics.create(&topic, config).await) })
            }
            "updateTopic" => {
                let config = to_topic_config(request);
                later(async move { answer(topics.update(&topic, config).await) })
            }
            "getTopic" => later(async move { answer(topics.get(&topic).await) }),
            "listTopics" => {
                let glob = request.optional_text("glob").unwrap_or_default();
                let mut list = topics.list(glob);
                later(async move {
                    let mut names = Vec::new();
                    while let Some(info) = list.next().await? {
                        names.push(info.topic);
                    }
                    Ok(json!({ "topics": names }))
                })
            }
            "trimTopic" => {
                let before_timestamp_ns = request.timestamp_ns("beforeTimestampNs")?;
                later(async move { answer(topics.trim(&topic, before_timestamp_ns).await) })
            }
            "closeTopic" => {
                let reason = request
                    .optional_text("reason")
                    .unwrap_or_default()
                    .to_owned();
                later(async move { Ok(closed_json(&topics.close(&topic, &reason).await?)) })
            }
            _ => later(async move {
                topics.delete(&topic).await?;
                Ok(json!({}))
            }),
        }
    }
}

fn answer(outcome: Result<TopicInfo, Error>) -> Result<Value, Fault> {
    Ok(topic_json(&outcome?))
}
