/** Reading the wait that a server asks for. */

/** No server is believed more: it is asked again then, and may say so again. Timers take up to 2^31 ms. */
const mostMs = 3_600_000;

/**
 * Milliseconds to wait according to a `Retry-After` header, at most an hour.
 *
 * @param value - the header as received: whole seconds, or an HTTP date
 * @param nowMs - the current time, in milliseconds since the epoch
 * @returns zero or more milliseconds; `undefined` when there is no value, several, or one that cannot be read
 *
 * Source: RFC 9110, section 10.2.3.
 */
export function retryAfterMs(
  value: string | readonly string[] | undefined,
  nowMs: number,
): number | undefined {
  if (typeof value !== 'string') {
    return undefined;
  }
  const askedMs = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - nowMs;
  return Number.isNaN(askedMs) ? undefined : Math.min(mostMs, Math.max(0, askedMs));
}
