//! Creates, describes, trims, closes and deletes topics.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;

use crate::call::unary;
use crate::closed::Closed;
use crate::connection::Connection;
use crate::error::{Error, Reason};
use crate::generated::playhead::v1 as wire;
use crate::topic::{TopicConfig, TopicInfo};
use wire::topic_service_client::TopicServiceClient;

/// One page of topics.
#[derive(Debug, Clone, PartialEq)]
pub struct TopicPage {
    /// By name.
    pub topics: Vec<TopicInfo>,
    /// For the next page; none if this is the last one.
    pub next_page_token: Option<String>,
}

/// Creates, describes, trims, closes and deletes topics, each by one request that is repeated until it is answered.
#[derive(Debug, Clone)]
pub struct Topics {
    connection: Arc<Connection>,
}

impl Topics {
    pub(crate) const fn new(connection: Arc<Connection>) -> Self {
        Self { connection }
    }

    /// Answers with the topic as it is now.
    ///
    /// # Errors
    /// `TOPIC_EXISTS` if one of that name has another configuration.
    pub async fn create(&self, topic: &str, config: TopicConfig) -> Result<TopicInfo, Error> {
        let request = wire::CreateTopicRequest {
            topic: topic.to_owned(),
            config: Some(config.to_wire()?),
        };
        let operation = format!("create {topic}");
        let call = unary!(TopicServiceClient.create_topic(request));
        let response = self.connection.request(&operation, call).await?;
        TopicInfo::require(response.topic)
    }

    /// Describes a topic.
    ///
    /// # Errors
    /// `TOPIC_NOT_FOUND` if there is none.
    pub async fn get(&self, topic: &str) -> Result<TopicInfo, Error> {
        let request = wire::GetTopicRequest {
            topic: topic.to_owned(),
        };
        let operation = format!("look up {topic}");
        let call = unary!(TopicServiceClient.get_topic(request));
        let response = self.connection.request(&operation, call).await?;
        TopicInfo::require(response.topic)
    }

    /// Changes what `config` sets.
    ///
    /// # Errors
    /// `TOPIC_NOT_FOUND` if there is none.
    pub async fn update(&self, topic: &str, config: TopicConfig) -> Result<TopicInfo, Error> {
        let request = wire::UpdateTopicRequest {
            topic: topic.to_owned(),
            config: Some(config.to_wire()?),
        };
        let operation = format!("update {topic}");
        let call = unary!(TopicServiceClient.update_topic(request));
        let response = self.connection.request(&operation, call).await?;
        TopicInfo::require(response.topic)
    }

    /// Removes the messages before this timestamp, for ever.
    ///
    /// # Errors
    /// `TOPIC_NOT_FOUND` if there is no such topic.
    pub async fn trim(&self, topic: &str, before_timestamp_ns: i64) -> Result<TopicInfo, Error> {
        let request = wire::TrimTopicRequest {
            topic: topic.to_owned(),
            before_timestamp_ns,
        };
        let operation = format!("trim {topic}");
        let call = unary!(TopicServiceClient.trim_topic(request));
        let response = self.connection.request(&operation, call).await?;
        TopicInfo::require(response.topic)
    }

    /// Closes the topic, without a checksum. Closing again is no error and answers as the first time.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` if the reason has more than 1024 bytes.
    pub async fn close(&self, topic: &str, reason: &str) -> Result<Closed, Error> {
        let close = wire::Close {
            reason: reason.to_owned(),
            checksum: Bytes::new(),
        };
        let request = wire::CloseTopicRequest {
            topic: topic.to_owned(),
            close: Some(close),
        };
        let operation = format!("close {topic}");
        let call = unary!(TopicServiceClient.close_topic(request));
        let response = self.connection.request(&operation, call).await?;
        Closed::require(response.closed)
    }

    /// Removes the topic; its subscriptions end with `TOPIC_DELETED`, and the name is free.
    ///
    /// # Errors
    /// `TOPIC_NOT_FOUND` if there is none.
    pub async fn delete(&self, topic: &str) -> Result<(), Error> {
        let operation = format!("delete {topic}");
        let request = wire::DeleteTopicRequest {
            topic: topic.to_owned(),
        };
        let call = unary!(TopicServiceClient.delete_topic(request));
        self.connection
            .remove(&operation, Reason::TopicNotFound, call)
            .await
    }

    /// The topics that match, by name, fetched page by page as they are asked for. An empty glob matches all but the
    /// broker's own.
    #[must_use]
    pub fn list(&self, glob: &str) -> TopicList {
        TopicList {
            topics: self.clone(),
            glob: glob.to_owned(),
            page: VecDeque::new(),
            next_page_token: Some(String::new()),
        }
    }

    /// One page of topics, of the size that the broker likes; an empty token asks for the first.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for a glob or token that is none.
    pub async fn list_page(&self, glob: &str, page_token: &str) -> Result<TopicPage, Error> {
        let request = wire::ListTopicsRequest {
            glob: glob.to_owned(),
            page_size: 0,
            page_token: page_token.to_owned(),
        };

        let call = unary!(TopicServiceClient.list_topics(request));
        let response = self.connection.request("list topics", call).await?;
        Ok(TopicPage {
            topics: response.topics.into_iter().map(TopicInfo::from).collect(),
            next_page_token: Some(response.next_page_token).filter(|token| !token.is_empty()),
        })
    }
}

/// Topics by name, fetched page by page.
#[derive(Debug)]
pub struct TopicList {
    topics: Topics,
    glob: String,
    page: VecDeque<TopicInfo>,
    next_page_token: Option<String>,
}

impl TopicList {
    /// The next topic; none behind the last.
    ///
    /// # Errors
    /// As [`Topics::list_page`].
    pub async fn next(&mut self) -> Result<Option<TopicInfo>, Error> {
        while self.page.is_empty() {
            let Some(token) = &self.next_page_token else {
                return Ok(None);
            };
            let page = self.topics.list_page(&self.glob, token).await?;
            self.page = page.topics.into();
            self.next_page_token = page.next_page_token;
        }
        Ok(self.page.pop_front())
    }
}
