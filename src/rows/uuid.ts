/** The form in which uuids are compared. */

const dashed = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * A uuid as 32 lower-case digits.
 *
 * @param given - with or without dashes, in any case
 * @returns undefined for what is no uuid
 */
export function canonicalUuid(given: string): string | undefined {
  const digits = dashed.test(given) ? given.replaceAll('-', '') : given;
  return /^[0-9a-f]{32}$/i.test(digits) ? digits.toLowerCase() : undefined;
}
