import type { Message, Payload } from './message.ts';
import { isEmpty } from './message.ts';

/** The text as one word of a shell. */
export function quoteForShell(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function messagesUrl(origin: string, topic: string): string {
  return `${origin}/v1/topics/${encodeURIComponent(topic)}/messages`;
}

/** A command that reads this message. */
export function curlToRead(origin: string, message: Message): string {
  const url = `${messagesUrl(origin, message.topic)}?from=${message.timestampNs}&limit=1`;
  return `curl ${quoteForShell(url)}`;
}

/** A command that reads on from a time. */
export function curlFrom(origin: string, topic: string, fromNs: bigint): string {
  const url = quoteForShell(`${messagesUrl(origin, topic)}?from=${fromNs}`);
  return `curl -N -H 'accept: text/event-stream' ${url}`;
}

/** A command that publishes the message once more. */
export function curlToPublish(origin: string, message: Message): string {
  const { topic, key, value, headers } = message;
  const body = {
    ...(!isEmpty(key) && named('key', key)),
    ...named('value', value),
    ...(headers.length > 0 && {
      headers: headers.map((header) => ({ name: header.name, ...named('value', header.value) })),
    }),
  };
  const json = quoteForShell(JSON.stringify(body));
  return `curl ${quoteForShell(messagesUrl(origin, topic))} --json ${json}`;
}

function named(name: string, { text, base64 }: Payload): Record<string, string> {
  return base64 === undefined ? { [name]: text ?? '' } : { [`${name}_base64`]: base64 };
}
