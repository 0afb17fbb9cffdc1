package io.playhead.client;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.LongConsumer;

/** Waits for what comes. */
final class BlockingIterator<T> implements Iterator<T> {
  private final Source<T> source;
  private final LongConsumer await;

  /** `await` waits, at most so many milliseconds, for something to come or for the end. */
  BlockingIterator(Source<T> source, LongConsumer await) {
    this.source = source;
    this.await = await;
  }

  @Override
  public boolean hasNext() {
    while (true) {
      if (source.peek() != null) {
        return true;
      }
      if (source.isEnded()) {
        return false;
      }
      await.accept(Subscription.FOR_EVER_MS);
    }
  }

  @Override
  public T next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return source.take();
  }
}
