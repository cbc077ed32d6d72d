/** The session's shelf of Waldur's rows, and what may be asked of it. */

import { nullIfAbsent } from '../failure.ts';
import type { Row, Wanted } from '../rows/row.ts';
import { nothing } from '../rows/wanted.ts';
import { type Slice, sliceOf, type Window } from '../rows/window.ts';
import type { Query } from '../upstream/waldur/address.ts';
import { matchesNothing, type Order } from '../upstream/waldur/query.ts';
import { Shelf } from '../upstream/waldur/shelf.ts';
import type { WaldurNoun } from '../upstream/waldur/source.ts';
import type { Explained } from './explanation.ts';
import { perSession, type Session, waldurOf } from './session.ts';

/** All that the session has read from Waldur. */
export const shelfOf = perSession(
  (session) =>
    new Shelf(waldurOf(session), {
      weights: session.weights,
      onPlan: (weighing) => session.onPlan?.(weighing),
      onFreeLink: (row, property) => session.onFreeLink?.(row, property),
    }),
);

/** Properties that selection analysis missed and that cost a call of their own, in this session. */
export function topUpsOf(session: Session): readonly string[] {
  return shelfOf.ifMade(session)?.topUps ?? [];
}

/** How the session's request was answered; undefined unless the client asked for it. */
export function explained(session: Session): Explained | undefined {
  return session.explanation?.toJson(topUpsOf(session));
}

/**
 * One of a noun, null when there is none or the caller may not see it.
 *
 * @param uuid - 32 lower-case digits
 * @throws {UpstreamFailure}
 */
export async function oneOf<M extends object>(
  session: Session,
  noun: WaldurNoun,
  uuid: string,
  wanted: Wanted,
): Promise<Row<M> | null> {
  const row = await shelfOf(session).collection(noun).byUuid(uuid, wanted).catch(nullIfAbsent);
  return row as Row<M> | null;
}

/** What is wanted of a list. */
export interface ListRequest<F, O extends string> {
  readonly filter?: (F & { readonly uuid?: string | null | undefined }) | null | undefined;
  readonly orderBy?: readonly Order<O>[] | null | undefined;
  readonly window: Window;
  /** Null when only counts are wanted. */
  readonly wanted: Wanted | null;
  /** Narrows the list to one owner. */
  readonly within?: OwnedBy<F> | undefined;
}

export interface OwnedBy<F> {
  /** The property by which the list's rows lead to it, e.g. `tenant`. */
  readonly property: string;
  readonly row: Row;
  /** The same in the filter's words, e.g. `{ tenant: uuid }`. */
  readonly filter: Partial<F>;
}

/** A noun's list, and how its filter and order become a query. */
export interface ListedNoun<F, O extends string> {
  readonly noun: WaldurNoun;
  readonly filter: (filter: F) => Query;
  readonly order: (orderBy: readonly Order<O>[] | null | undefined) => Query;
}

/**
 * A stretch of a noun's list.
 *
 * @throws {UpstreamFailure}
 */
export function listOf<M extends object, F extends object, O extends string>(
  session: Session,
  listed: ListedNoun<F, O>,
  request: ListRequest<F, O>,
): Promise<Slice<M>> {
  const { filter, orderBy, window, wanted, within } = request;
  if (filter !== null && filter !== undefined) {
    return filteredListOf(session, listed, request, filter);
  }
  const collection = shelfOf(session).collection(listed.noun);
  return collection.list(listed.order(orderBy), window, wanted, within) as Promise<Slice<M>>;
}

async function filteredListOf<M extends object, F extends object, O extends string>(
  session: Session,
  listed: ListedNoun<F, O>,
  request: ListRequest<F, O>,
  { uuid, ...filter }: NonNullable<ListRequest<F, O>['filter']>,
): Promise<Slice<M>> {
  const collection = shelfOf(session).collection(listed.noun);
  const { within, window, wanted } = request;
  if (matchesNothing(filter) || excludes(filter as unknown as F, within?.filter)) {
    return sliceOf<M>([], window);
  }
  if (uuid !== null && uuid !== undefined) {
    const query = listed.filter({ ...filter, ...within?.filter } as unknown as F);
    const rows = await collection.only(uuid, query, wanted ?? nothing);
    return sliceOf(rows as readonly Row<M>[], window);
  }
  // The owner's own input says what the owner does, which siblings do otherwise.
  const others = Object.entries(filter).filter(([input]) => !(input in (within?.filter ?? {})));
  const query = [
    ...listed.filter(Object.fromEntries(others) as unknown as F),
    ...listed.order(request.orderBy),
  ];
  return (await collection.list(query, window, wanted, within)) as Slice<M>;
}

/** Whether the filter asks for another owner than this one. */
function excludes<F extends object>(filter: F, within: Partial<F> | undefined): boolean {
  for (const input in within) {
    const given: unknown = filter[input];
    const owner: unknown = within[input];
    const isOther = Array.isArray(given)
      ? !given.includes((owner as readonly unknown[])[0])
      : given !== null && given !== undefined && given !== owner;
    if (isOther) {
      return true;
    }
  }
  return false;
}
