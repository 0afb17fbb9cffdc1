import { once } from 'node:events';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { get } from 'node:http';
import type { StreamEvent } from './read-events.ts';
import { eventsOf } from './read-events.ts';

/**
 * Reads an event stream as a browser does: takes events that are whole, and when the connection is cut asks again, with
 * the id of the last one.
 */
export class EventSource {
  readonly #url: () => string;
  /** Events that were taken, in order. */
  readonly events: StreamEvent[] = [];
  /** How often it was cut off. */
  cutCount = 0;
  #lastId = '';
  #request: ClientRequest | undefined;

  /** `url` may change from one connection to the next. */
  constructor(url: () => string) {
    this.#url = url;
  }

  /** Reads until an event is the last one, over as many connections as it takes. */
  async readUntil(isLast: (event: StreamEvent) => boolean): Promise<void> {
    while (!(await this.#readOnce(isLast))) this.cutCount++;
    this.#request?.destroy();
  }

  async #readOnce(isLast: (event: StreamEvent) => boolean): Promise<boolean> {
    const headers = {
      accept: 'text/event-stream',
      ...(this.#lastId !== '' && { 'last-event-id': this.#lastId }),
    };
    const request = get(this.#url(), { headers, agent: false });
    this.#request = request;
    // Also behind the response: that it was cut off is seen there.
    request.on('error', () => {});
    try {
      const [response]: IncomingMessage[] = await once(request, 'response');
      if (response === undefined || response.statusCode !== 200) return false;
      let text = '';
      for await (const chunk of response.setEncoding('utf8')) {
        text += chunk;
        const end = text.lastIndexOf('\n\n') + 2;
        if (end < 2) continue;
        const events = eventsOf(text.slice(0, end));
        text = text.slice(end);
        for (const event of events) {
          this.events.push(event);
          this.#lastId = event.id ?? this.#lastId;
          if (isLast(event)) return true;
        }
      }
    } catch {
      // Cut off: what is not whole is forgotten.
    }
    return false;
  }
}
