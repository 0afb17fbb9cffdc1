package io.playhead.client;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** Lists that the broker answers with in pages. */
final class Pages {
  /**
   * A part of a list.
   *
   * @param nextToken asks for the next page; empty if this is the last one
   */
  record Page<T>(List<T> items, String nextToken) {}

  private Pages() {}

  /** The items of all pages. `fetch` gets the token of a page, which is empty for the first. */
  static <T> Stream<T> stream(Function<String, Page<T>> fetch) {
    return Stream.iterate(
            fetch.apply(""),
            page -> page != null,
            page -> page.nextToken().isEmpty() ? null : fetch.apply(page.nextToken()))
        .flatMap(page -> page.items().stream());
  }
}
