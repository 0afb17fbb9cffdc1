package io.playhead.client;

/** Why a consumption is over. */
public sealed interface ConsumptionEnd extends ConsumptionEvent {
  /**
   * The topic is closed, and everything in it is settled.
   *
   * @param reason why it was closed, as who closed it gave it
   */
  record Drained(String reason) implements ConsumptionEnd {}

  /**
   * The subscription was deleted.
   *
   * @param isTopicDeleted whether it went with its topic
   */
  record SubscriptionDeleted(boolean isTopicDeleted) implements ConsumptionEnd {}

  /** It was closed, or the client was. */
  record Stopped() implements ConsumptionEnd {}

  /**
   * It cannot go on.
   *
   * @param error why
   */
  record Failed(PlayheadException error) implements ConsumptionEnd {}
}
