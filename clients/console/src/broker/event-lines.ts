import type { JsonMessage } from '../message/message.ts';
import { asAway, request, topicPath } from './request.ts';

/** What a stream brings: a message, or what happens besides. */
export type StreamLine =
  | JsonMessage
  | { readonly event: string; readonly detail?: string; readonly reason?: string };

/** Follows a topic from a time on: all that came with one part of the answer at once. */
export async function* followTopic(
  topic: string,
  fromNs: bigint,
  signal: AbortSignal,
): AsyncGenerator<StreamLine[], void> {
  const response = await request(topicPath(topic, '/messages'), {
    query: { from: fromNs, follow: 'true' },
    accept: 'application/x-ndjson',
    signal,
  });
  if (response.body === null) return;
  const reader = response.body.getReader();
  const lines = new LineParser();
  for (;;) {
    const part = await reader.read().catch((error: unknown) => {
      throw asAway(error);
    });
    if (part.done) return;
    const parsed = lines.push(part.value);
    if (parsed.length > 0) yield parsed;
  }
}

/** Cuts bytes into lines of JSON; what is left waits for the rest of its line. */
export class LineParser {
  readonly #decoder = new TextDecoder();
  #rest = '';

  push(bytes: Uint8Array): StreamLine[] {
    const texts = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split('\n');
    this.#rest = texts.pop() ?? '';
    return texts.filter((text) => text !== '').map((text) => JSON.parse(text) as StreamLine);
  }
}
