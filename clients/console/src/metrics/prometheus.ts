/** A line of Prometheus text: a name, labels and a value. */
export interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)(?:\s+-?\d+)?\s*$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/** Parses the text format of Prometheus (https://prometheus.io/docs/instrumenting/exposition_formats/). */
export function parsePrometheus(text: string): Series[] {
  const all: Series[] = [];
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const match = LINE.exec(line);
    if (match === null) continue;
    const [, name = '', labels = '', value = ''] = match;
    all.push({ name, labels: labelsOf(labels), value: numberOf(value) });
  }
  return all;
}

function labelsOf(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const [, name = '', value = ''] of text.matchAll(LABEL)) {
    labels[name] = value.replace(/\\(.)/g, (_all, character: string) =>
      character === 'n' ? '\n' : character,
    );
  }
  return labels;
}

/** `+Inf` and `-Inf` are written otherwise than in JavaScript. */
function numberOf(text: string): number {
  if (/^[+-]?Inf$/.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  return Number(text);
}
