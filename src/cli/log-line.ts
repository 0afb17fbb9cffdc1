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
  return `${clock} ${plain(level).padEnd(5)} ${plain(msg)}${rest.join('')}\n`;
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}
