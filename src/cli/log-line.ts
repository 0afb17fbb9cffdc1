/**
 * A line of the log for a terminal: time, level, message and fields, instead of JSON. What is no JSON object stays as
 * it is.
 */
export function formatLogLine(line: string): string {
  let entry: unknown;
  try {
    entry = JSON.parse(line);
  } catch {
    // Not of the logger's making: pass it on.
    return line;
  }
  if (typeof entry !== 'object' || entry === null) return line;
  const { time, level, msg, ...fields }: Record<string, unknown> = { ...entry };
  const rest = Object.entries(fields).map(([name, value]) => ` ${name}=${plain(value)}`);
  const clock = typeof time === 'string' ? time.slice(11, 23) : '';
  return `${clock} ${plain(level).padEnd(5)} ${visible(String(msg))}${rest.join('')}\n`;
}

/** A value in a line: quoted if it could be taken for more than one. What a client has sent is among them. */
function plain(value: unknown): string {
  const isPlain = typeof value === 'string' && !/[\s="]/.test(value);
  return visible(isPlain ? value : (JSON.stringify(value) ?? ''));
}

/** Without what moves the cursor or colours a terminal. */
function visible(text: string): string {
  return text.replaceAll(
    /\p{Cc}/gu,
    (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
