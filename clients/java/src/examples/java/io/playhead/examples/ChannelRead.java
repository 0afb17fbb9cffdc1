package io.playhead.examples;

import io.playhead.client.Message;
import io.playhead.client.PlayheadClient;
import io.playhead.client.Subscription;

/**
 * Reads a channel to its end, and compares count and checksum: {@code ChannelRead [address]
 * [name]}.
 */
public final class ChannelRead {
  private ChannelRead() {}

  /** Ends with another code than 0 if the channel is not what was written. */
  public static void main(String[] arguments) {
    String address = arguments.length > 0 ? arguments[0] : "127.0.0.1:17777";
    String name = arguments.length > 1 ? arguments[1] : "some_chan";
    try (PlayheadClient client = PlayheadClient.connect(address);
        Subscription reader = client.channel(name).subscribe()) {
      for (Message message : reader) {
        System.out.println(message.time() + "  " + message.text());
      }
      boolean isVerified = reader.isVerified().orElse(false);
      System.out.println(reader.messageCount() + " messages, verified: " + isVerified);
      if (!isVerified) {
        System.exit(1);
      }
    }
  }
}
