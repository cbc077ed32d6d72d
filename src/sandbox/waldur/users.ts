/** Who may ask the simulated Waldur. Names and tokens are the same in every world. */

import { createHash } from 'node:crypto';
import type { Customer, Project, User } from './model.ts';

export const callerNames = ['staff', 'owner', 'member', 'stranger'] as const;
export type CallerName = (typeof callerNames)[number];

/** Fixed, so that it can be printed and documented: it opens nothing but the sandbox. */
function sandboxDigest(name: string): string {
  return createHash('sha1').update(`stratograph sandbox ${name}`).digest('hex');
}

/**
 * Staff, the owner of the first customer, a member of two projects of the second, a stranger without
 * roles; and a support agent, who sees everything and changes nothing.
 */
export function seedUsers(customers: readonly Customer[], projects: readonly Project[]): User[] {
  const [first, second] = customers;
  const ofSecond = projects.filter(({ customer }) => customer === second).slice(0, 2);
  const make = (username: string, fullName: string, roles: User['roles']): User => ({
    uuid: sandboxDigest(`uuid of ${username}`).slice(0, 32),
    username,
    fullName,
    email: `${username}@example.org`,
    token: sandboxDigest(username),
    password: `${username}-sandbox`,
    isStaff: username === 'staff',
    isSupport: username === 'support',
    isActive: true,
    tokenExpired: false,
    roles,
  });
  return [
    make('staff', 'Sten Staff', []),
    make('owner', 'Olga Owner', first ? [{ role: 'CUSTOMER.OWNER', scope: first }] : []),
    make(
      'member',
      'Mart Member',
      ofSecond.map((scope) => ({ role: 'PROJECT.MEMBER', scope })),
    ),
    make('stranger', 'Sirje Stranger', []),
    make('support', 'Siim Support', []),
  ];
}
