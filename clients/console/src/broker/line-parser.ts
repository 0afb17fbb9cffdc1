import type { JsonMessage } from '../message/message.ts';

/** What a stream brings: a message, or what happens besides. */
export type StreamLine = JsonMessage | StreamEvent;

export interface StreamEvent {
  readonly event: string;
  readonly detail?: string;
}

export function isEvent(line: StreamLine): line is StreamEvent {
  return 'event' in line;
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
