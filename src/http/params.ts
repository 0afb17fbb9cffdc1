import { z } from 'zod';

/** Of an operation that has none: one that is misspelled is told, not passed over. */
export const noQuery = z.strictObject({});

/** A whole number in a query, in decimal digits. */
export function wholeNumber(min: number, max = Number.MAX_SAFE_INTEGER) {
  return z.preprocess(
    (text) =>
      typeof text === 'string' && /^-?\d{1,15}(\.\d{1,15})?$/.test(text) ? Number(text) : text,
    z.int().min(min).max(max),
  );
}

/**
 * A list whose length is looked at before its elements are: a million that are wrong would make a million errors, each of
 * many times its length.
 */
export function listOf<Element extends z.ZodType>(
  element: Element,
  { min = 0, max }: { readonly min?: number; readonly max: number },
) {
  return z.preprocess((list, context) => {
    if (!Array.isArray(list) || list.length <= max) return list;
    const message = `has ${list.length} elements; at most ${max}`;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  }, z.array(element).min(min).max(max));
}
