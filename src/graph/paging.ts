/** Relay connections over lists of which any stretch can be had. */

import { hash } from 'node:crypto';
import type { ObjectRef } from '@pothos/core';
import type { Row } from '../rows/row.ts';
import type { Slice, Window } from '../rows/window.ts';
import { type Builder, builder, type GraphTypes } from './builder.ts';
import { inputError } from './input-error.ts';

/** Waldur's own limit for a page. */
export const maxPageLength = 300;
export const defaultPageLength = 20;

type ArgBuilder = Parameters<NonNullable<Parameters<Builder['queryField']>[1]>>[0]['arg'];

/** `first`, `after`, `last` and `before`, for a field's `args`. */
export function pageArgs(arg: ArgBuilder) {
  return {
    first: arg.int({
      description: `How many from the start, 0 to ${maxPageLength}; null = ${defaultPageLength}, unless last is given. Not together with last.`,
    }),
    after: arg.string({
      description: 'Only what comes after this cursor of the same list; null = from its start.',
    }),
    last: arg.int({
      description: `How many from the end, 0 to ${maxPageLength}; null = as first says. Not together with first.`,
    }),
    before: arg.string({
      description: 'Only what comes before this cursor of the same list; null = to its end.',
    }),
  };
}

/** What a gateway that counts costs has to know of a field that answers with a connection. */
export const sized = {
  listSize: {
    slicingArguments: ['first', 'last'],
    sizedFields: ['edges', 'nodes'],
    assumedSize: defaultPageLength,
    requireOneSlicingArgument: false,
  },
};

export interface PageArgs {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
}

/** A stretch of a list, with the list's identity for its cursors. */
export interface Page<M extends object> {
  readonly slice: Slice<M>;
  readonly scope: Scope;
}

/** What tells a list from every other: a cursor of one means nothing in another. */
export class Scope {
  readonly #identity: unknown;
  #text: string | undefined;

  /** @param identity - the list's name, filter and order; anything JSON can say */
  constructor(identity: unknown) {
    this.#identity = identity;
  }

  /** 8 characters. Most lists are read without any cursor, and never asked for it. */
  get text(): string {
    this.#text ??= hash('sha256', JSON.stringify(this.#identity), 'base64url').slice(0, 8);
    return this.#text;
  }
}

/**
 * The window that the arguments ask for.
 *
 * @throws {GraphQLError} BAD_USER_INPUT with the argument's path
 */
export function windowOf(args: PageArgs, scope: Scope): Window {
  const { first, last } = args;
  if (isGiven(first) && isGiven(last)) {
    throw inputError(['last'], 'first and last cannot be used together');
  }
  checkLength('first', first);
  checkLength('last', last);
  const from = args.after == null ? 0 : positionOf('after', args.after, scope) + 1;
  const until = args.before == null ? null : positionOf('before', args.before, scope);
  return {
    from,
    until,
    first: isGiven(last) ? null : (first ?? defaultPageLength),
    last: last ?? null,
  };
}

function isGiven(value: number | null | undefined): value is number {
  return value !== null && value !== undefined;
}

function checkLength(argument: string, length: number | null | undefined): void {
  if (isGiven(length) && (length < 0 || length > maxPageLength)) {
    throw inputError([argument], `must be from 0 to ${maxPageLength}`);
  }
}

/** The form's version comes first, so that it can change without breaking old cursors silently. */
function cursorOf(position: number, { text }: Scope): string {
  return Buffer.from(`1:${position}:${text}`).toString('base64url');
}

function positionOf(argument: string, cursor: string, scope: Scope): number {
  const parts = /^1:(\d{1,12}):(.{8})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  if (parts === null) {
    throw inputError([argument], 'is not a cursor');
  }
  if (parts[2] !== scope.text) {
    throw inputError([argument], 'is a cursor of a list with another filter or order');
  }
  return Number(parts[1]);
}

const PageInfoRef = builder.objectRef<Page<object>>('PageInfo').implement({
  description: 'Where a page lies in its list.',
  shareable: true,
  fields: (t) => ({
    hasNextPage: t.boolean({
      description: 'Whether the list goes on after this page.',
      resolve: ({ slice }) => slice.offset + slice.length < slice.total,
    }),
    hasPreviousPage: t.boolean({
      description: 'Whether the list has anything before this page.',
      resolve: ({ slice }) => slice.offset > 0 && slice.total > 0,
    }),
    startCursor: t.string({
      nullable: true,
      description: "The first entry's cursor; null on an empty page.",
      resolve: ({ slice, scope }) => (slice.length === 0 ? null : cursorOf(slice.offset, scope)),
    }),
    endCursor: t.string({
      nullable: true,
      description: "The last entry's cursor; null on an empty page.",
      resolve: ({ slice, scope }) =>
        slice.length === 0 ? null : cursorOf(slice.offset + slice.length - 1, scope),
    }),
  }),
});

interface Edge<M extends object> {
  readonly cursor: string;
  readonly node: Row<M> | undefined;
}

/** @throws {Error} for a page of which only counts were asked for: it is not to pass for an empty one */
function rowsOf<M extends object>({ rows }: Slice<M>): readonly Row<M>[] {
  if (rows === null) {
    throw new Error('the entries of a page were not asked for');
  }
  return rows;
}

/**
 * The connection type of a noun, with its edges.
 *
 * @param counting - what it costs to have the entries counted
 */
export function connectionOf<M extends object>(
  ref: ObjectRef<PothosSchemaTypes.ExtendDefaultTypes<GraphTypes>, Row<M>>,
  name: string,
  counting = 'Alone it costs one call that carries no entries.',
) {
  const EdgeRef = builder.objectRef<Edge<M>>(`${name}Edge`).implement({
    description: `A ${name} in a list.`,
    shareable: true,
    fields: (t) => ({
      cursor: t.exposeString('cursor', {
        description: 'Its place in the list, for after and before. It holds for this list alone.',
      }),
      node: t.field({
        type: ref,
        description: 'The entry itself.',
        resolve: ({ node }) => node as Row<M>,
      }),
    }),
  });
  return builder.objectRef<Page<M>>(`${name}Connection`).implement({
    description: `A page of a list of ${name} entries, in the order that was asked for.`,
    shareable: true,
    fields: (t) => ({
      edges: t.field({
        type: [EdgeRef],
        description: 'The page with a cursor for each entry.',
        resolve: ({ slice, scope }) =>
          Array.from({ length: slice.length }, (_, index) => ({
            cursor: cursorOf(slice.offset + index, scope),
            node: slice.rows?.[index],
          })),
      }),
      nodes: t.field({
        type: [ref],
        description: 'The page without cursors.',
        resolve: ({ slice }) => rowsOf(slice),
      }),
      pageInfo: t.field({
        type: PageInfoRef,
        description: 'Where the page lies in the list.',
        resolve: (page) => page,
      }),
      totalCount: t.int({
        description: `Entries in the whole list. ${counting}`,
        resolve: ({ slice }) => slice.total,
      }),
    }),
  });
}
