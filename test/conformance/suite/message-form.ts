import { Bytes, bytesOf, type Fields, isFields, listOf } from './bytes.ts';

/** The messages that a case writes, as a driver is given them. */
export function toDriverMessages(written: unknown): readonly Fields[] {
  const list = listOf(written);
  if (list === undefined) throw new TypeError('messages are a list, or {numbered}');
  return list.map(toDriverMessage);
}

function toDriverMessage(written: unknown): Fields {
  const plain = bytesOf(written);
  if (plain !== undefined) return { value: plain.base64 };
  if (!isFields(written)) throw new TypeError(`no message: ${JSON.stringify(written)}`);
  const { value = '', key, headers } = written;
  return {
    value: required(value).base64,
    ...(key !== undefined && { key: required(key).base64 }),
    ...(headers !== undefined && {
      headers: headerList(headers).map(([name, bytes]) => ({ name, value: bytes.base64 })),
    }),
  };
}

/** Headers as a mapping, or as a list of `{name, value}`. */
export function headerList(written: unknown): readonly (readonly [string, Bytes])[] {
  if (Array.isArray(written)) {
    return written.map((each: { name: string; value?: unknown }) => {
      return [each.name, required(each.value ?? '')] as const;
    });
  }
  if (!isFields(written)) throw new TypeError('headers are a mapping or a list');
  return Object.entries(written).map(([name, value]) => [name, required(value)] as const);
}

function required(written: unknown): Bytes {
  const bytes = bytesOf(written);
  if (bytes === undefined) throw new TypeError(`no bytes: ${JSON.stringify(written)}`);
  return bytes;
}

/** A message of an answer, with bytes instead of base64, and what was left out as empty. */
function fromDriverMessage(message: unknown): Fields {
  if (!isFields(message)) return {};
  const headers = Array.isArray(message['headers']) ? message['headers'] : [];
  return {
    ...message,
    value: Bytes.fromBase64(message['value']),
    key: Bytes.fromBase64(message['key']),
    headers: headers.map((each: Fields) => ({
      name: each['name'],
      value: Bytes.fromBase64(each['value']),
    })),
  };
}

/**
 * An answer with bytes for base64 in its messages, and with what cases mostly ask about them beside it: `values`,
 * `sources` (topics), `times` (timestamps), `kinds` of items, `attempts` of deliveries.
 */
export function fromDriverAnswer(op: string, answer: Fields): Fields {
  switch (op) {
    case 'read':
      return withMessages(answer, messagesIn(answer, 'messages'), {});
    case 'next': {
      const items = listIn(answer, 'items').map((item) =>
        'message' in item ? { message: fromDriverMessage(item['message']) } : item,
      );
      const messages = items.flatMap((item) =>
        isFields(item['message']) ? [item['message']] : [],
      );
      const kinds = items.map((item) => Object.keys(item)[0]);
      return withMessages(answer, messages, { items, kinds });
    }
    case 'pull':
    case 'deliveries': {
      const deliveries = listIn(answer, 'deliveries').map((each) => {
        return { ...each, message: fromDriverMessage(each['message']) };
      });
      const attempts = deliveries.map((each: Fields) => each['attempt']);
      const messages = deliveries.map(({ message }) => message);
      return withMessages(answer, messages, { deliveries, attempts });
    }
    default:
      return answer;
  }
}

function withMessages(answer: Fields, messages: readonly Fields[], more: Fields): Fields {
  return {
    ...answer,
    ...('messages' in answer && { messages }),
    ...more,
    values: messages.map((message) => message['value']),
    sources: messages.map((message) => message['topic']),
    times: messages.map((message) => message['timestampNs']),
  };
}

function messagesIn(answer: Fields, name: string): readonly Fields[] {
  return listIn(answer, name).map(fromDriverMessage);
}

function listIn(answer: Fields, name: string): readonly Fields[] {
  const list = answer[name];
  return Array.isArray(list) ? list : [];
}
