/** Stretches of lists, and the numbered pages that cover them. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pagesFor, stretchOf, type Window } from '../../src/rows/window.ts';

const maxPageSize = 300;

const windows: fc.Arbitrary<Window> = fc
  .record({
    from: fc.nat(400),
    until: fc.option(fc.nat(500)),
    length: fc.nat(300),
    isLast: fc.boolean(),
  })
  .map(({ from, until, length, isLast }) => ({
    from,
    until,
    first: isLast ? null : length,
    last: isLast ? length : null,
  }));

/** Relay's own algorithm on a list that is all here: cut after, cut before, then first or last. */
function byTheBook(rows: readonly number[], { from, until, first, last }: Window): number[] {
  const cut = rows.slice(from, until ?? undefined);
  return first === null ? cut.slice(Math.max(0, cut.length - (last ?? 0))) : cut.slice(0, first);
}

describe('stretchOf', () => {
  it("is what Relay's algorithm leaves of the list", () => {
    fc.assert(
      fc.property(windows, fc.nat(600), (window, total) => {
        const rows = Array.from({ length: total }, (_, index) => index);
        const { offset, limit } = stretchOf(window, total) ?? { offset: 0, limit: 0 };
        expect(rows.slice(offset, offset + limit)).toEqual(byTheBook(rows, window));
      }),
      { numRuns: 500 },
    );
  });

  it('needs the total only for the last of an open end', () => {
    fc.assert(
      fc.property(windows, (window) => {
        const isOpen = window.last !== null && window.until === null;
        expect(stretchOf(window) === undefined).toBe(isOpen);
      }),
    );
  });
});

describe('pagesFor', () => {
  it('covers the stretch with one page, or with two that touch', () => {
    fc.assert(
      fc.property(fc.nat(5000), fc.integer({ min: 1, max: maxPageSize }), (offset, limit) => {
        const pages = pagesFor({ offset, limit }, maxPageSize);
        const rows = pages.flatMap(({ page, pageSize }) =>
          Array.from({ length: pageSize }, (_, index) => (page - 1) * pageSize + index),
        );
        expect(pages.length).toBeLessThanOrEqual(2);
        expect(pages.every(({ page, pageSize }) => page >= 1 && pageSize <= maxPageSize)).toBe(
          true,
        );
        expect(new Set(rows).size).toBe(rows.length);
        const wanted = Array.from({ length: limit }, (_, index) => offset + index);
        expect(wanted.every((row) => rows.includes(row))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('takes a single page for every page of a walk', () => {
    expect(pagesFor({ offset: 40, limit: 20 }, maxPageSize)).toEqual([{ page: 3, pageSize: 20 }]);
  });
});
