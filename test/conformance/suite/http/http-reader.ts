import { createHash } from 'node:crypto';
import type { Fields } from '../bytes.ts';
import { DriverError } from '../driver.ts';
import type { HttpClient } from './http-client.ts';
import { problemError } from './http-client.ts';
import { camel, fromBody, readQuery, topicPath } from './http-values.ts';

/** An event stream that is read, and opened again behind the last event when the connection is lost. */
export class HttpReader {
  readonly #client: HttpClient;
  readonly #request: Fields;
  readonly #aborting = new AbortController();
  readonly #items: AsyncGenerator<Fields, undefined>;
  readonly #opened: Promise<void>;
  readonly #hash = createHash('md5');
  #lastEventId = '';
  #messageCount = 0;
  #closed: Fields | undefined;
  #hasEnded = false;
  #tellOpened: { resolve: () => void; reject: (error: unknown) => void } | undefined;

  constructor(client: HttpClient, request: Fields) {
    this.#client = client;
    this.#request = request;
    this.#opened = new Promise((resolve, reject) => {
      this.#tellOpened = { resolve, reject };
    });
    this.#items = this.#read();
  }

  /** Resolves once the broker has taken it. */
  async opened(): Promise<Fields> {
    this.#first = this.#items.next();
    // Its error is told by the wait for the opening, or by whoever asks for the next item.
    this.#first.catch(() => undefined);
    await this.#opened;
    return {};
  }

  #first: Promise<IteratorResult<Fields, undefined>> | undefined;

  async next(count: number, withCaughtUp: boolean): Promise<readonly Fields[]> {
    const items: Fields[] = [];
    while (items.length < count && !this.#hasEnded) {
      const taken = this.#first ?? this.#items.next();
      this.#first = undefined;
      const { value = { end: {} } } = await taken;
      if ('end' in value) this.#hasEnded = true;
      if (withCaughtUp || !('caughtUp' in value)) items.push(value);
    }
    return items;
  }

  /** As far as it is known: of the whole list of a channel. */
  verify(): Fields {
    const messageCount = this.#messageCount;
    const isWhole = (this.#request['from'] ?? 'earliest') === 'earliest';
    if (!isWhole) return { messageCount };
    const checksum = this.#hash.copy().digest('hex');
    if (this.#closed === undefined) return { messageCount, checksum };
    const isComplete = Number(this.#closed['messageCount'] ?? 0) === messageCount;
    const theirs = this.#closed['checksum'];
    if (theirs === undefined) return { messageCount, checksum, isComplete };
    return { messageCount, checksum, isComplete, isVerified: isComplete && theirs === checksum };
  }

  close(): void {
    this.#aborting.abort();
  }

  async *#read(): AsyncGenerator<Fields, undefined> {
    for (;;) {
      try {
        const response = await this.#open();
        this.#tellOpened?.resolve();
        // Everything that was asked for was seen.
        if (response.status === 204) return undefined;
        for await (const event of eventsIn(response)) {
          const item = this.#itemOf(event);
          if (item === undefined) break;
          yield item;
          if ('end' in item) return undefined;
        }
      } catch (error) {
        if (this.#aborting.signal.aborted || this.#client.isClosed) return undefined;
        this.#tellOpened?.reject(error);
        if (error instanceof DriverError) {
          yield { end: { error: error.fields } };
          return undefined;
        }
      }
    }
  }

  #open(): Promise<Response> {
    const { topic, limit } = this.#request;
    const left = limit === undefined ? undefined : Number(limit) - this.#messageCount;
    // The last message may have come without the end.
    if (left === 0 && this.#messageCount > 0)
      return Promise.resolve(new Response(null, { status: 204 }));
    const query = readQuery({ ...this.#request, limit: left }, 'latest');
    return this.#client.open('GET', `${topicPath(topic)}/messages?${query}`, {
      headers: {
        accept: 'text/event-stream',
        ...(this.#lastEventId !== '' && { 'last-event-id': this.#lastEventId }),
      },
      signal: this.#aborting.signal,
    });
  }

  /** Undefined if the stream is to be opened again. */
  #itemOf({ name, data, id }: StreamEvent): Fields | undefined {
    if (id !== undefined) this.#lastEventId = id;
    switch (name) {
      case 'message': {
        const message = fromBody(data);
        this.#messageCount += 1;
        this.#hash.update(Buffer.from(String(message['value']), 'base64'));
        return { message };
      }
      case 'closed':
        this.#closed = camel(data) as Fields;
        return { closed: this.#closed };
      case 'caught_up':
        return { caughtUp: camel(data) };
      case 'end':
        return { end: {} };
      case 'error': {
        const error = problemError(data);
        return error.retryable ? undefined : { end: { error: error.fields } };
      }
      default:
        return { [name]: camel(data) };
    }
  }
}

interface StreamEvent {
  readonly name: string;
  readonly data: unknown;
  readonly id: string | undefined;
}

/** Server-sent events, as they come. */
async function* eventsIn(response: Response): AsyncGenerator<StreamEvent, void> {
  let rest = '';
  const texts = response.body?.pipeThrough(new TextDecoderStream()) ?? [];
  for await (const text of texts as AsyncIterable<string>) {
    const blocks = (rest + text).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = new Map(block.split('\n').map((line) => splitOnce(line)));
      const data = fields.get('data');
      if (data === undefined) continue;
      const name = fields.get('event') ?? 'message';
      yield { name, data: JSON.parse(data) as unknown, id: fields.get('id') };
    }
  }
}

function splitOnce(line: string): readonly [string, string] {
  const at = line.indexOf(': ');
  return [line.slice(0, at), line.slice(at + 2)];
}
