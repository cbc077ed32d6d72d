/** As many callers as a test wants. */

import type { WaldurWorld } from '../src/sandbox/waldur/model.ts';

/**
 * Has more people work in a simulated Waldur who see everything.
 *
 * @returns a token for each: what one of them asks is never shared with another
 */
export function addStaff({ users }: WaldurWorld, count: number): string[] {
  const staff = users.find(({ isStaff }) => isStaff);
  if (staff === undefined) {
    throw new Error('the world has no staff');
  }
  const tokens = Array.from({ length: count }, (_, at) => String(at).padStart(40, 'f'));
  users.push(...tokens.map((token) => ({ ...staff, token })));
  return tokens;
}
