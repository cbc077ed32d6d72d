/** Reading the wait that a server asks for. */

/**
 * Milliseconds to wait according to a `Retry-After` header.
 *
 * @param value - the header as received: whole seconds, or an HTTP date
 * @param nowMs - the current time, in milliseconds since the epoch
 * @returns zero or more milliseconds; `undefined` when the value cannot be read
 *
 * Source: RFC 9110, section 10.2.3.
 */
export function retryAfterMs(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) {
    return undefined;
  }
  if (/^\d+$/.test(value)) {
    return Number(value) * 1000;
  }
  const dateMs = Date.parse(value);
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs);
}
