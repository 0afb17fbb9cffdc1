//! Reads a channel from its first message to its end: `cargo run --example read_channel [ADDRESS]`.

use futures_util::TryStreamExt;
use playhead::{Client, Error, SubscribeOptions};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let address = std::env::args().nth(1);
    let client = Client::new(address.as_deref().unwrap_or("127.0.0.1:17777"))?;
    let channel = client.channel("greetings");
    let mut reader = channel.subscribe(SubscribeOptions::new())?;
    while let Some(message) = reader.try_next().await? {
        println!("{} {}", message.timestamp_ns, message.text());
    }
    println!("as it was written: {:?}", reader.verify().is_verified);
    client.close().await
}
