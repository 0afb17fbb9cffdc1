import type { Outcome } from './report.ts';
import type { Figure } from './workload.ts';

const WIDTH = 1060;
const LABEL_WIDTH = 450;
const VALUE_WIDTH = 90;
const BAR_HEIGHT = 18;
const BAR_GAP = 6;
const GROUP_GAP = 46;
const TOP = 30;
const OWN_COLOR = '#d9480f';
const OTHER_COLOR = '#8d99ae';

interface Bar {
  readonly label: string;
  readonly value: number;
}

/** Bars of the figures that have a place in the plot, in groups: an SVG that is readable on light and on dark. */
export function drawPlot(outcomes: readonly Outcome[], caption: string): string {
  const groups = new Map<string, Bar[]>();
  for (const { plot, value } of outcomes.flatMap(({ figures }): readonly Figure[] => figures)) {
    if (plot === undefined || !Number.isFinite(value)) continue;
    const bars = groups.get(plot.group) ?? [];
    groups.set(plot.group, [...bars, { label: plot.label, value }]);
  }
  const parts: string[] = [];
  let y = TOP;
  for (const [group, bars] of groups) {
    parts.push(text(0, y, group, { isBold: true }));
    y += 12;
    parts.push(...bars.map((bar, i) => drawBar(bar, y + i * (BAR_HEIGHT + BAR_GAP), bars)));
    y += bars.length * (BAR_HEIGHT + BAR_GAP) + GROUP_GAP;
  }
  parts.push(text(0, y - 14, caption, { isBold: false }));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" font-family="sans-serif" font-size="13">`,
    `<rect width="${WIDTH}" height="${y}" fill="#ffffff"/>`,
    `<g transform="translate(12 0)">`,
    ...parts,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

function drawBar({ label, value }: Bar, y: number, bars: readonly Bar[]): string {
  const most = Math.max(...bars.map((bar) => bar.value));
  const width = Math.max(1, ((WIDTH - LABEL_WIDTH - VALUE_WIDTH) * value) / most);
  const color = label.startsWith('playhead') ? OWN_COLOR : OTHER_COLOR;
  const middle = y + BAR_HEIGHT - 5;
  return [
    text(0, middle, label, { isBold: false }),
    `<rect x="${LABEL_WIDTH}" y="${y}" width="${width.toFixed(1)}" height="${BAR_HEIGHT}" fill="${color}"/>`,
    text(LABEL_WIDTH + width + 6, middle, shorten(value), { isBold: false }),
  ].join('\n');
}

function text(x: number, y: number, content: string, { isBold }: { isBold: boolean }): string {
  const weight = isBold ? ' font-weight="bold"' : '';
  return `<text x="${x.toFixed(1)}" y="${y}" fill="#22223b"${weight}>${escape(content)}</text>`;
}

function shorten(perSecond: number): string {
  return perSecond >= 1e6
    ? `${(perSecond / 1e6).toFixed(2)} M/s`
    : `${Math.round(perSecond / 1000)} k/s`;
}

function escape(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
