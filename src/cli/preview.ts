const PREVIEW_BYTES = 64;

/**
 * The first bytes of a value on one line, as text without control characters, or in hexadecimal digits if they are no
 * UTF-8. Ends with `…` if there is more.
 */
export function previewOf(value: Uint8Array): string {
  const head = value.subarray(0, PREVIEW_BYTES);
  const isCut = head.length < value.length;
  return `${escapeControls(decode(head, isCut))}${isCut ? '…' : ''}`;
}

/** A text on one line: control characters, which a terminal would obey, become escapes. */
export function escapeControls(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, (control) => {
    const known = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }[control];
    return known ?? `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

function decode(bytes: Uint8Array, isCut: boolean): string {
  try {
    // A character that the cut has divided is left out.
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    return decoder.decode(bytes, { stream: isCut });
  } catch {
    return `0x${Buffer.from(bytes).toString('hex')}`;
  }
}
