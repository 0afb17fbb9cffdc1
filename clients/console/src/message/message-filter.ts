import type { Message, Payload } from './message.ts';

/** What is looked for; an empty text matches all. */
export interface MessageFilter {
  /** In the key. */
  readonly key: string;
  /** In the value, and in the names and values of headers. */
  readonly text: string;
}

export const NO_FILTER: MessageFilter = { key: '', text: '' };

export function isFiltering({ key, text }: MessageFilter): boolean {
  return key !== '' || text !== '';
}

/** True if what matches `filter` has matched the one before, too. */
export function narrows(filter: MessageFilter, before: MessageFilter): boolean {
  const has = (name: keyof MessageFilter) =>
    filter[name].toLowerCase().includes(before[name].toLowerCase());
  return has('key') && has('text');
}

/** Whether a message has what is looked for, in upper or lower case. */
export function matcherOf(filter: MessageFilter): (message: Message) => boolean {
  const key = filter.key.toLowerCase();
  const text = filter.text.toLowerCase();
  return (message) => {
    if (key !== '' && !has(message.key, key)) return false;
    if (text === '' || has(message.value, text)) return true;
    return message.headers.some(
      (header) => header.name.toLowerCase().includes(text) || has(header.value, text),
    );
  };
}

function has(payload: Payload, lowerCase: string): boolean {
  return (payload.text ?? '').toLowerCase().includes(lowerCase);
}
