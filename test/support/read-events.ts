/** An event of an event stream, its data as JSON. */
export interface StreamEvent {
  readonly event?: string;
  readonly id?: string;
  readonly data: unknown;
}

/** The events of an event stream, as its specification has them, without comments. */
export function eventsOf(text: string): StreamEvent[] {
  return text.split('\n\n').flatMap((block) => {
    const fields = block
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith(':'))
      .map((line) => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)]);
    const { data, ...rest }: { data?: string } = Object.fromEntries(fields);
    return data === undefined ? [] : [{ ...rest, data: JSON.parse(data) as unknown }];
  });
}

/** The lines of NDJSON. */
export function linesOf(text: string): unknown[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);
}
