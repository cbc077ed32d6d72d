/** Fields that answer with a connection: their arguments, and what follows from them. */

import type { GraphQLResolveInfo } from 'graphql';
import type { Wanted } from '../rows/row.ts';
import type { Slice, Window } from '../rows/window.ts';
import { builder } from './builder.ts';
import { type Page, type PageArgs, Scope, windowOf } from './paging.ts';
import { wantedInConnection } from './selection.ts';

const SortDirectionRef = builder.enumType('SortDirection', {
  description: 'Which way an order runs.',
  values: {
    ASC: { description: 'From the lowest, the earliest or A on.' },
    DESC: { description: 'From the highest, the latest or Z on.' },
  },
});

/** `direction: t.field(sortDirection)` in whatever a list is ordered by. */
export const sortDirection = {
  type: SortDirectionRef,
  required: true,
  defaultValue: 'ASC',
  description: 'Which way.',
} as const;

interface ListArgs<F, O> extends PageArgs {
  readonly filter?: F | null | undefined;
  readonly orderBy?: readonly O[] | null | undefined;
}

export interface Listing<F, O> {
  readonly filter: F | null | undefined;
  readonly orderBy: readonly O[] | null | undefined;
  readonly window: Window;
  readonly wanted: Wanted | null;
}

/**
 * The page that a connection field's arguments and selection ask for.
 *
 * @param list - anything beside filter and order that sets the list apart, e.g. its owner's uuid
 * @param read - gives the stretch
 * @throws {GraphQLError} BAD_USER_INPUT
 */
export async function pageOf<M extends object, F, O>(
  list: string,
  args: ListArgs<F, O>,
  info: GraphQLResolveInfo,
  read: (listing: Listing<F, O>) => Promise<Slice<M>>,
): Promise<Page<M>> {
  const scope = new Scope([list, args.filter ?? null, args.orderBy ?? null]);
  const window = windowOf(args, scope);
  const { nodes: wanted } = wantedInConnection(info);
  const slice = await read({ filter: args.filter, orderBy: args.orderBy, window, wanted });
  return { slice, scope };
}
