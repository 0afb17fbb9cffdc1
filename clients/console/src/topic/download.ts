import { asAway, request, topicPath } from '../broker/request.ts';

/** Parts of this size are handed over to the browser, which keeps them on the disk. */
const PART_BYTES = 4 * 1024 * 1024;

export interface DownloadRange {
  readonly fromNs: bigint | 'earliest';
  /** Not included; what is there now, without one. */
  readonly untilNs: bigint | undefined;
}

/** All messages of a range, a line of JSON each. `progress` is told how many bytes there are so far. */
export async function downloadNdjson(
  topic: string,
  { fromNs, untilNs }: DownloadRange,
  signal: AbortSignal,
  progress: (bytes: number) => void,
): Promise<Blob> {
  const response = await request(topicPath(topic, '/messages'), {
    query: { from: fromNs, until: untilNs ?? 'now' },
    accept: 'application/x-ndjson',
    signal,
  });
  if (response.body === null) return new Blob([]);
  const reader = response.body.getReader();
  const parts: Blob[] = [];
  let chunks: Uint8Array<ArrayBuffer>[] = [];
  let waiting = 0;
  let bytes = 0;
  for (;;) {
    const { value, done } = await reader.read().catch((error: unknown) => {
      throw asAway(error);
    });
    if (done) break;
    chunks.push(value);
    waiting += value.length;
    bytes += value.length;
    if (waiting < PART_BYTES) continue;
    parts.push(new Blob(chunks));
    chunks = [];
    waiting = 0;
    progress(bytes);
  }
  progress(bytes);
  return new Blob([...parts, ...chunks], { type: 'application/x-ndjson' });
}

/** Lets the browser keep it as a file. */
export function saveAs(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser reads it after the click.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** The name of a topic as that of a file. */
export function fileNameOf(topic: string): string {
  return `${topic.replaceAll(/[^\w.-]+/g, '-')}.ndjson`;
}
