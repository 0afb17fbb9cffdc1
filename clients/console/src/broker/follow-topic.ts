import type { StreamLine } from './line-parser.ts';
import { LineParser } from './line-parser.ts';
import { asAway, request, topicPath } from './request.ts';

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
