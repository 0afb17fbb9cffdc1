/** What an expression of PromQL names: enough of its grammar to find that, and no more. */
export interface PromqlNames {
  readonly metrics: readonly { readonly name: string; readonly labels: readonly string[] }[];
  /** What it groups by. */
  readonly groupedBy: readonly string[];
}

const IDENTIFIER = /(?<![\w.:])[A-Za-z_:][A-Za-z0-9_:]*/;
const WORDS = new Set(['and', 'or', 'unless', 'bool', 'offset', 'inf', 'nan']);

export function namesIn(expression: string): PromqlNames {
  // What stands in quotes is nothing of this; a variable of Grafana may stand for a range.
  const bare = expression.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""').replaceAll(/\[[^\]]*\]/g, ' ');
  const groupedBy: string[] = [];
  const ungrouped = bare.replaceAll(
    /\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)/g,
    (_match, labels: string) => {
      groupedBy.push(...identifiers(labels));
      return ' ';
    },
  );
  const metrics: { name: string; labels: string[] }[] = [];
  const metric = new RegExp(`(${IDENTIFIER.source})\\s*(\\(|\\{([^}]*)\\})?`, 'g');
  for (const [, name = '', behind, matchers = ''] of ungrouped.matchAll(metric)) {
    if (behind === '(' || WORDS.has(name.toLowerCase())) continue;
    const labels = matchers.split(',').flatMap((each) => identifiers(each).slice(0, 1));
    metrics.push({ name, labels });
  }
  return { metrics, groupedBy };
}

/** The labels that a text of Grafana (`{{topic}}`) or of an alert (`{{ $labels.topic }}`) shows. */
export function labelsShown(text: string): string[] {
  const shown = text.matchAll(/\{\{\s*(?:\$labels\.(\w+)|([A-Za-z_]\w*))\s*\}\}/g);
  return [...shown].map(([, ofAlert, ofLegend]) => ofAlert ?? ofLegend ?? '');
}

function identifiers(text: string): string[] {
  return [...text.matchAll(new RegExp(IDENTIFIER, 'g'))].map(([name]) => name);
}
