package io.playhead.client;

/** What comes one after the other, sooner or later. For one reader at a time. */
interface Source<T> {
  /** What is next, if it is here; null otherwise. Throws the error that the source ended with. */
  T peek();

  /** Takes what {@link #peek} has shown. */
  T take();

  /** Whether nothing is here, and nothing will come. */
  boolean isEnded();
}
