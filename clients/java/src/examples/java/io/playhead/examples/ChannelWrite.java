package io.playhead.examples;

import io.playhead.client.Channel;
import io.playhead.client.Closed;
import io.playhead.client.NewMessage;
import io.playhead.client.PlayheadClient;
import java.util.List;

/** Writes a few lines into a channel and closes it: {@code ChannelWrite [address] [name]}. */
public final class ChannelWrite {
  private ChannelWrite() {}

  /** Ends with another code than 0 if something went wrong. */
  public static void main(String[] arguments) {
    String address = arguments.length > 0 ? arguments[0] : "127.0.0.1:17777";
    String name = arguments.length > 1 ? arguments[1] : "some_chan";
    try (PlayheadClient client = PlayheadClient.connect(address)) {
      Channel channel = client.channel(name);
      List<NewMessage> lines =
          List.of(NewMessage.of("one"), NewMessage.of("two"), NewMessage.of("three"));
      channel.publishAll(lines);
      Closed closed = channel.seal(List.of(NewMessage.of("goodbye")), "that is all");
      System.out.println(
          closed.messageCount() + " messages, MD5 " + closed.checksum().orElse("none"));
    }
  }
}
