package io.playhead.conformance;

import com.google.gson.JsonObject;

/** What is done for a request of one kind. */
@FunctionalInterface
interface Operation {
  /** Begins, without waiting. */
  Pending begin(JsonObject request) throws Exception;

  /** What was begun. */
  @FunctionalInterface
  interface Pending {
    /** Waits for the answer. */
    JsonObject await() throws Exception;
  }
}
