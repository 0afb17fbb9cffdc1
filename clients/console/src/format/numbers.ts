const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3, notation: 'compact' });

/** All digits, in threes: `1,234,567`. */
export function formatCount(count: number | bigint): string {
  return whole.format(count);
}

/** Three digits: `1.23M`. */
export function formatShort(count: number): string {
  return short.format(count);
}

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** Three digits and a binary unit: `1.46 MiB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1023.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${BYTE_UNITS[unit]}`;
}

/** So many a second: `0/s`, `0.4/s`, `12/s`, `3.4K/s`. */
export function formatRate(perSecond: number): string {
  if (perSecond > 0 && perSecond < 0.05) return '<0.1/s';
  return perSecond < 10 ? `${round(perSecond, 1)}/s` : `${formatShort(perSecond)}/s`;
}

/** Seconds as people say them: `1.2 ms`, `340 µs`, `2 s`. */
export function formatSeconds(seconds: number): string {
  if (seconds >= 1) return `${round(seconds, seconds < 10 ? 2 : 0)} s`;
  if (seconds >= 0.001) return `${round(seconds * 1e3, seconds < 0.01 ? 2 : 1)} ms`;
  return `${round(seconds * 1e6, 0)} µs`;
}

/** Seconds that go on for long: `40 s`, `5 min`, `3.2 h`, `2.1 d`. */
export function formatLag(seconds: number): string {
  if (seconds < 1) return seconds <= 0 ? '0 s' : '<1 s';
  if (seconds < 120) return `${round(seconds, seconds < 10 ? 1 : 0)} s`;
  if (seconds < 7200) return `${round(seconds / 60, 0)} min`;
  return seconds < 172_800 ? `${round(seconds / 3600, 1)} h` : `${round(seconds / 86_400, 1)} d`;
}

/** `1 message`, `2 messages`. */
export function counted(count: number | bigint, noun: string): string {
  return `${formatCount(count)} ${noun}${Number(count) === 1 ? '' : 's'}`;
}

function round(value: number, digits: number): string {
  return `${Number(value.toFixed(digits))}`;
}
