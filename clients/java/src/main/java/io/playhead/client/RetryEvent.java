package io.playhead.client;

import java.time.Duration;

/**
 * A try that failed and will be repeated.
 *
 * @param error why it failed
 * @param operation what is repeated, such as {@code publish to orders}
 * @param attempt number of tries that failed in a row
 * @param delay pause before the next try
 */
public record RetryEvent(PlayheadException error, String operation, int attempt, Duration delay) {}
