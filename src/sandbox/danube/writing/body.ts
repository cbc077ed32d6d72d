/** Bodies as Danube reads them: forgiving to a fault. */

import type { ReceivedCall } from '../../server.ts';

/** The JSON object; empty for whatever is none, as Danube swallows what it cannot read. */
export function bodyOf({ body }: ReceivedCall): Readonly<Record<string, unknown>> {
  try {
    const given: unknown = JSON.parse(body);
    return typeof given === 'object' && given !== null && !Array.isArray(given)
      ? (given as Record<string, unknown>)
      : {};
  } catch {
    return {};
  }
}

/** True as Danube's fields read it; anything unknown counts as true, as in Python. */
export function flag(given: unknown): boolean {
  return (
    given !== undefined &&
    given !== null &&
    given !== '' &&
    given !== false &&
    given !== 0 &&
    !/^(f|F|false|False|FALSE|0)$/.test(String(given))
  );
}

/** Whole numbers may come as texts. */
export function integer(given: unknown): number | undefined {
  const number = typeof given === 'string' && /^\d+$/.test(given) ? Number(given) : given;
  return Number.isInteger(number) ? (number as number) : undefined;
}
