/** Danube's task ids, which are their own access control. */

import { createHash } from 'node:crypto';
import type { DanubeUser, Datacenter } from './model.ts';

/** `e` runs on a node; `d` is the dummy of a synchronous result. */
export type TaskType = 'e' | 'd';

/**
 * An id by Danube 4.6's grammar: who, how, whose, where, and a uuid cut short.
 *
 * @param hex - at least 20 digits
 */
export function taskId(
  type: TaskType,
  user: DanubeUser,
  owner: DanubeUser,
  datacenter: Datacenter,
  hex: string,
): string {
  const first = type === 'd' ? dummyMark(user) : hex.slice(0, 8);
  const groups = [first, hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)];
  return `${user.id}${type}${owner.id}d${datacenter.id}-${groups.join('-')}`;
}

function dummyMark(user: DanubeUser): string {
  return createHash('md5').update(String(user.id)).digest('hex').slice(-8);
}

export interface TaskIdParts {
  readonly userId: number;
  readonly type: string;
  readonly ownerId: number;
  readonly datacenterId: number;
}

/** Null for whatever is not an id. */
export function partsOf(id: string): TaskIdParts | null {
  const [, user, type, owner, datacenter] =
    /^(\d+)([deamif])(\d+)[du](\d+)-[^-]{8}-[^-]{4}-[^-]{4}-[^-]{4}$/.exec(id) ?? [];
  return type === undefined
    ? null
    : {
        userId: Number(user),
        type,
        ownerId: Number(owner),
        datacenterId: Number(datacenter),
      };
}
