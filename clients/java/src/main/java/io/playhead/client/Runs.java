package io.playhead.client;

import dev.playhead.v1.Run;
import java.util.ArrayList;
import java.util.List;

/** Which messages of a response are of which topic. */
final class Runs {
  private Runs() {}

  /** The messages of a response to `topic`; if that is a glob, each is of its run's topic. */
  static List<Message> name(String topic, List<dev.playhead.v1.Message> messages, List<Run> runs) {
    List<Message> named = new ArrayList<>(messages.size());
    if (runs.isEmpty()) {
      for (dev.playhead.v1.Message message : messages) {
        named.add(new Message(topic, message));
      }
      return named;
    }
    for (Run run : runs) {
      for (int i = 0; i < run.getMessageCount() && named.size() < messages.size(); i++) {
        named.add(new Message(run.getTopic(), messages.get(named.size())));
      }
    }
    return named;
  }
}
