/** A number that JavaScript would change: it is shown as it was written. */
export class JsonNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** JSON whose numbers stay as they are; undefined if the text is none. In an object, since it may be null. */
export function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text, keepNumber) };
  } catch {
    return undefined;
  }
}

/** Browsers tell how a value was written; those that do not yet show it as JavaScript has it. */
function keepNumber(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source;
  if (typeof value !== 'number' || source === undefined || source === String(value)) return value;
  return new JsonNumber(source);
}
