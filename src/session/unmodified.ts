/** Changing a noun only as long as it is as the client last saw it. */

import type { Row, Wanted } from '../rows/row.ts';
import { union } from '../rows/wanted.ts';
import type { WaldurNoun } from '../upstream/waldur/source.ts';
import { type Session, waldurOf } from './session.ts';
import { shelfOf } from './shelves.ts';

/** What a change of a noun may depend on. */
export interface Condition {
  /** The `modified` that the client last saw; null = whatever it is now. */
  readonly ifModified: string | null;
  /** What a refusal will show of the noun. */
  readonly wantedOfCurrent: Wanted;
}

/** The noun was modified after the client had seen it; nothing was sent. */
export class ModifiedSince extends Error {
  override readonly name = 'ModifiedSince';
  /** As it is now, with all that the refusal shows of it. */
  readonly current: Row;

  constructor(current: Row) {
    super(`${current.noun?.name} was modified since the client saw it`);
    this.current = current;
  }
}

/**
 * The noun as it is now, whatever was read of it before; one call.
 *
 * @param wanted - what is needed of it beside what the condition needs
 * @throws {ModifiedSince} when it was modified after `ifModified`
 * @throws {UpstreamFailure} `not-found` too
 */
export async function readUnmodified<M extends object>(
  session: Session,
  noun: WaldurNoun,
  uuid: string,
  { ifModified, wantedOfCurrent }: Condition,
  wanted: Wanted = {},
): Promise<Row<M>> {
  const asked =
    ifModified === null ? wanted : union(union(wanted, wantedOfCurrent), { modified: {} });
  // The same look by another request, sent before, may show what was there before the last change.
  waldurOf(session).endSharing();
  const row = await shelfOf(session).collection(noun).fresh(uuid, asked);
  if (ifModified !== null && isLater(row.read('modified') as string, ifModified)) {
    throw new ModifiedSince(row);
  }
  return row as Row<M>;
}

/**
 * Whether an instant is later than another, by all digits of both: a `Date` holds milliseconds alone,
 * and Waldur saves twice within one.
 *
 * @param one - by RFC 3339
 * @param other - likewise
 */
export function isLater(one: string, other: string): boolean {
  const [first, second] = [partsOf(one), partsOf(other)];
  return first.ms === second.ms ? first.fraction > second.fraction : first.ms > second.ms;
}

/** Whole seconds as milliseconds since the epoch, and the digits after them without trailing zeros. */
function partsOf(instant: string): { readonly ms: number; readonly fraction: string } {
  const [, digits = ''] = /\.(\d+)/.exec(instant) ?? [];
  return { ms: Date.parse(instant.replace(/\.\d+/, '')), fraction: digits.replace(/0+$/, '') };
}
