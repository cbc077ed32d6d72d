/** Which stretch of an ordered list is wanted, and what came of it. */

import type { Row } from './row.ts';

/** Positions count from 0. Exactly one of `first` and `last` is a number. */
export interface Window {
  /** The first position that may be in it. */
  readonly from: number;
  /** The first position that may not; null = the list's end. */
  readonly until: number | null;
  readonly first: number | null;
  readonly last: number | null;
}

export interface Stretch {
  readonly offset: number;
  /** Zero or more. */
  readonly limit: number;
}

/**
 * Where the window lies.
 *
 * @param total - rows in the whole list; undefined when not known
 * @returns undefined when that cannot be said without the total
 */
export function stretchOf(window: Window, total?: number): Stretch | undefined {
  if (window.last === null) {
    const room = (window.until ?? Number.POSITIVE_INFINITY) - window.from;
    return { offset: window.from, limit: Math.max(0, Math.min(window.first ?? 0, room)) };
  }
  const end = window.until ?? total;
  if (end === undefined) {
    return undefined;
  }
  const until = total === undefined ? end : Math.min(end, total);
  const offset = Math.max(window.from, until - window.last);
  return { offset, limit: Math.max(0, until - offset) };
}

/** A stretch of a list, as it was found. */
export interface Slice<M extends object> {
  readonly offset: number;
  /** How many rows lie in it. */
  readonly length: number;
  /** Rows in the whole list. */
  readonly total: number;
  /** Null when only counts were wanted. */
  readonly rows: readonly Row<M>[] | null;
}

/** The window's part of a list that is all here. */
export function sliceOf<M extends object>(rows: readonly Row<M>[], window: Window): Slice<M> {
  const { offset, limit } = stretchOf(window, rows.length) ?? { offset: 0, limit: 0 };
  const part = rows.slice(offset, offset + limit);
  return { offset, length: part.length, total: rows.length, rows: part };
}

/** Rows that came or went while pages were read have moved others from page to page: none is there twice. */
export function onceEach<M extends object>(rows: readonly Row<M>[]): readonly Row<M>[] {
  const found = new Map<string, Row<M>>();
  for (const row of rows) {
    found.set(row.key, row);
  }
  return found.size === rows.length ? rows : [...found.values()];
}

export interface NumberedPage {
  /** From 1 on. */
  readonly page: number;
  readonly pageSize: number;
}

/**
 * The numbered pages that cover a stretch: one where a page of up to twice its size can hold it, else
 * two.
 *
 * @param stretch - a limit from 1 to `maxPageSize`
 */
export function pagesFor(stretch: Stretch, maxPageSize: number): readonly NumberedPage[] {
  const { offset, limit } = stretch;
  const largest = Math.min(maxPageSize, limit * 2);
  for (let pageSize = limit; pageSize <= largest; pageSize += 1) {
    const page = Math.floor(offset / pageSize);
    if (Math.floor((offset + limit - 1) / pageSize) === page) {
      return [{ page: page + 1, pageSize }];
    }
  }
  const page = Math.floor(offset / limit) + 1;
  return [
    { page, pageSize: limit },
    { page: page + 1, pageSize: limit },
  ];
}
