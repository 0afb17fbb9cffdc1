/** The option, or its default. Throws a TypeError if it is no positive integer. */
export function positiveInteger(name: string, value: number | undefined, fallback: number): number {
  if (value === undefined) return fallback;
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new TypeError(`${name} must be a positive integer, not ${value}`);
}

/** The option as it fits the wire. Throws a TypeError if it is no integer of 32 bits. */
export function int32(name: string, value: number | undefined): number | undefined {
  if (value === undefined || (value | 0) === value) return value;
  throw new TypeError(`${name} must be an integer of 32 bits, not ${value}`);
}
