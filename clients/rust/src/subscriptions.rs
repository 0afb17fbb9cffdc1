//! Lists durable subscriptions.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::call::unary;
use crate::connection::Connection;
use crate::error::Error;
use crate::generated::playhead::v1 as wire;
use crate::subscription_info::SubscriptionInfo;
use wire::subscription_service_client::SubscriptionServiceClient;

/// One page of durable subscriptions.
#[derive(Debug, Clone, PartialEq)]
pub struct SubscriptionPage {
    /// By topic and name.
    pub subscriptions: Vec<SubscriptionInfo>,
    /// For the next page; none if this is the last one.
    pub next_page_token: Option<String>,
}

/// Lists durable subscriptions.
#[derive(Debug, Clone)]
pub struct Subscriptions {
    connection: Arc<Connection>,
}

impl Subscriptions {
    pub(crate) const fn new(connection: Arc<Connection>) -> Self {
        Self { connection }
    }

    /// The subscriptions of the topics that match, by topic and name, fetched page by page as they are asked for. An empty
    /// glob matches all.
    #[must_use]
    pub fn list(&self, glob: &str) -> SubscriptionList {
        SubscriptionList {
            subscriptions: self.clone(),
            glob: glob.to_owned(),
            page: VecDeque::new(),
            next_page_token: Some(String::new()),
        }
    }

    /// One page, of the size that the broker likes; an empty token asks for the first.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for a glob or token that is none.
    pub async fn list_page(&self, glob: &str, page_token: &str) -> Result<SubscriptionPage, Error> {
        let request = wire::ListSubscriptionsRequest {
            glob: glob.to_owned(),
            page_size: 0,
            page_token: page_token.to_owned(),
        };
        let call = unary!(SubscriptionServiceClient.list_subscriptions(request));
        let response = self.connection.request("list subscriptions", call).await?;
        let subscriptions = response.subscriptions.into_iter();
        Ok(SubscriptionPage {
            subscriptions: subscriptions.map(SubscriptionInfo::from).collect(),
            next_page_token: Some(response.next_page_token).filter(|token| !token.is_empty()),
        })
    }
}

/// Durable subscriptions by topic and name, fetched page by page.
#[derive(Debug)]
pub struct SubscriptionList {
    subscriptions: Subscriptions,
    glob: String,
    page: VecDeque<SubscriptionInfo>,
    next_page_token: Option<String>,
}

impl SubscriptionList {
    /// The next subscription; none behind the last.
    ///
    /// # Errors
    /// As [`Subscriptions::list_page`].
    pub async fn next(&mut self) -> Result<Option<SubscriptionInfo>, Error> {
        while self.page.is_empty() {
            let Some(token) = &self.next_page_token else {
                return Ok(None);
            };
            let page = self.subscriptions.list_page(&self.glob, token).await?;
            self.page = page.subscriptions.into();
            self.next_page_token = page.next_page_token;
        }
        Ok(self.page.pop_front())
    }
}
