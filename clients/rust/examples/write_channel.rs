//! Writes a channel and closes it: `cargo run --example write_channel [ADDRESS]`.

use playhead::{Client, CloseOptions, Error};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let address = std::env::args().nth(1);
    let client = Client::new(address.as_deref().unwrap_or("127.0.0.1:17777"))?;
    let channel = client.channel("greetings");
    channel.publish("hello").await?;
    let last = CloseOptions::new().message("goodbye").reason("done");
    let closed = channel.close(last).await?;
    println!(
        "{} messages, MD5 {}",
        closed.message_count,
        closed.checksum_hex().unwrap_or_default()
    );
    client.close().await
}
