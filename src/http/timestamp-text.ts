import { formatTimestamp } from '../timestamp.ts';

const NS_PER_SECOND = 1_000_000_000;
const FRACTION_DIGITS = 9;
/** A number holds the 49 bits of the first seven bytes of a varint. */
const LOW_BYTES = 7;

/** A timestamp as JSON has it. */
export interface TimestampTexts {
  readonly digits: string;
  readonly time: string;
}

/**
 * Writes timestamps of messages as texts. Those that follow each other are mostly of the same second: then only the
 * fraction is made anew.
 */
export class TimestampWriter {
  #digits = '';
  #time = '';
  /** Of a timestamp of that second: its fraction, and its low and high bits. */
  #fractionNs = 0;
  #low = 0;
  #high = -1;

  /** `at` is where its varint begins, which has nine bytes as in every message that is stored. */
  write(bytes: Uint8Array, at: number): TimestampTexts {
    let low = 0;
    for (let i = LOW_BYTES - 1; i >= 0; i--) low = low * 0x80 + ((bytes[at + i] ?? 0) & 0x7f);
    const high = ((bytes[at + LOW_BYTES] ?? 0) & 0x7f) + (bytes[at + LOW_BYTES + 1] ?? 0) * 0x80;
    let fractionNs = this.#fractionNs + (low - this.#low);
    if (high !== this.#high || fractionNs < 0 || fractionNs >= NS_PER_SECOND) {
      this.#keepSecond(low, high);
      fractionNs = this.#fractionNs;
    }
    const fraction = `${fractionNs}`.padStart(FRACTION_DIGITS, '0');
    return { digits: `${this.#digits}${fraction}`, time: `${this.#time}${fraction}Z` };
  }

  #keepSecond(low: number, high: number): void {
    const timestampNs = (BigInt(high) << 49n) | BigInt(low);
    const digits = `${timestampNs}`;
    this.#fractionNs = Number(digits.slice(-FRACTION_DIGITS));
    this.#low = low;
    this.#high = high;
    this.#digits = digits.slice(0, -FRACTION_DIGITS);
    this.#time = formatTimestamp(timestampNs).slice(0, -FRACTION_DIGITS - 1);
  }
}
