//! Client of [playhead](https://github.com/playhead/playhead), a log broker: channels that can be rewound and closed,
//! publishers, subscriptions from any moment on, durable subscriptions.
//!
//! ```no_run
//! use futures_util::TryStreamExt;
//! use playhead::{Client, CloseOptions, SubscribeOptions};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), playhead::Error> {
//! let client = Client::new("127.0.0.1:17777")?;
//!
//! // A channel: a list that is made to be closed.
//! let channel = client.channel("some_chan");
//! channel.publish("hello").await?;
//! channel.close(CloseOptions::new().message("goodbye").reason("done")).await?;
//!
//! let mut reader = channel.subscribe(SubscribeOptions::new())?;
//! while let Some(message) = reader.try_next().await? {
//!     println!("{}", message.text());
//! }
//! // The same messages as were written, by count and MD5.
//! println!("{:?}", reader.verify());
//! client.close().await
//! # }
//! ```
//!
//! What is published or settled is handed over at the call, in the order of the calls; the [`Receipt`] that comes back
//! is a future of what became of it. To drop a future is to cancel: a request that waits is given up, and what was
//! handed over goes its way.

mod address;
mod backoff;
mod call;
mod channel;
mod channel_sum;
mod channel_writer;
mod checksum;
mod client;
mod client_options;
mod closed;
mod connection;
mod consume_feed;
mod consumption;
mod consumption_event;
mod credit;
mod delivery;
mod durable_subscription;
mod error;
mod event;
mod generated;
mod inbox;
mod lease;
mod message;
mod outbox;
mod page;
mod position;
mod publish_pipeline;
mod publish_request;
mod publisher;
mod puller;
mod receipt;
mod server_info;
mod settlements;
mod subscribe_feed;
mod subscription;
mod subscription_info;
mod subscription_settings;
mod subscriptions;
#[cfg(feature = "tls")]
mod tls;
mod topic;
mod topics;
#[cfg(feature = "tls")]
mod trusted_certificate;
mod wire_error;

pub use channel::{Channel, CloseOptions};
pub use client::{Client, ClientBuilder};
pub use client_options::RetryEvent;
pub use closed::Closed;
pub use consumption::{ConsumeOptions, Consumption};
pub use consumption_event::{ConsumptionEnd, ConsumptionEvent};
pub use delivery::Delivery;
pub use durable_subscription::{
    CreateSubscriptionOptions, DurableSubscription, RedriveOptions, SeekTarget,
};
pub use error::{Error, Reason};
pub use event::{Event, Trimmed};
pub use message::{Header, Message, NewMessage, Payload};
pub use page::{Page, ReadOptions};
pub use position::{Position, Until};
pub use publish_request::PublishAck;
pub use publisher::{PublishSummary, Publisher, PublisherOptions};
pub use puller::{PullOptions, Pulled};
pub use receipt::Receipt;
pub use server_info::{Durability, ServerInfo};
pub use subscribe_feed::SubscriptionStart;
pub use subscription::{Events, SubscribeOptions, Subscription, Verification};
pub use subscription_info::SubscriptionInfo;
pub use subscription_settings::{
    BacklogPolicy, DeliveryMode, RedeliveryBackoff, SubscriptionConfig,
};
pub use subscriptions::{SubscriptionList, SubscriptionPage, Subscriptions};
#[cfg(feature = "tls")]
pub use tls::Tls;
pub use topic::{TopicConfig, TopicInfo};
pub use topics::{TopicList, TopicPage, Topics};
