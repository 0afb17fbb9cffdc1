/** A metric as it was scraped. */
export interface ScrapedMetric {
  readonly type: string;
  /** Of its samples; empty if it has none, or none with labels. */
  readonly labels: ReadonlySet<string>;
  readonly sampleCount: number;
}

/** The metrics in a text of Prometheus, by the names that its samples have. */
export function parseExposition(text: string): Map<string, ScrapedMetric> {
  const metrics = new Map<string, { type: string; labels: Set<string>; sampleCount: number }>();
  for (const line of text.split('\n')) {
    const [, declared, type] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? [];
    if (declared !== undefined && type !== undefined) {
      const suffixes = type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
      for (const suffix of suffixes) {
        metrics.set(`${declared}${suffix}`, { type, labels: new Set(), sampleCount: 0 });
      }
    }
    const [, name = '', pairs = ''] = /^(\w+)(?:\{(.*)\})? \S+$/.exec(line) ?? [];
    const metric = metrics.get(name);
    if (metric === undefined) continue;
    metric.sampleCount += 1;
    for (const [, label = ''] of pairs.matchAll(/(\w+)="(?:[^"\\]|\\.)*"/g)) {
      metric.labels.add(label);
    }
  }
  return metrics;
}
