/** JSON as upstreams send it. */

/**
 * The value of a JSON text.
 *
 * Whole numbers that a double cannot hold exactly come back as text with all their digits: Waldur's
 * limits are 64-bit integers.
 *
 * @throws {SyntaxError}
 */
export function parseJson(text: string): unknown {
  // Looking first is cheap; a reviver is not, and few answers hold such a number.
  return /[[:,\s]-?\d{16,}/.test(text) ? JSON.parse(text, keepDigits) : JSON.parse(text);
}

function keepDigits(_key: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === 'number' &&
    Number.isInteger(value) &&
    !Number.isSafeInteger(value) &&
    context?.source !== undefined &&
    /^-?\d+$/.test(context.source)
    ? context.source
    : value;
}

/**
 * A whole number for `JSON.stringify`, with all its digits.
 *
 * @param given - a safe integer, or the digits of one of up to 64 bits
 */
export function wholeNumber(given: number | string): unknown {
  // TypeScript's library does not know it yet.
  const { rawJSON } = JSON as unknown as { rawJSON: (digits: string) => unknown };
  return typeof given === 'number' ? given : rawJSON(given);
}
