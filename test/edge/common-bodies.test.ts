/** What is remembered of bodies. */

import { describe, expect, it } from 'vitest';
import { CommonBodies } from '../../src/edge/common-bodies.ts';

const bodyOf = (query: string, variables?: unknown) => JSON.stringify({ query, variables });

describe('Bodies', () => {
  it('are read once for the same text, and never for another', () => {
    const bodies = new CommonBodies();
    const one = bodies.read(bodyOf('{ a }', { b: 1 }));
    expect(one?.params).toEqual({ query: '{ a }', variables: { b: 1 } });
    expect(bodies.read(bodyOf('{ a }', { b: 1 }))).toBe(one);
    const other = bodies.read(bodyOf('{ a }', { b: 2 }));
    expect(other?.params.variables).toEqual({ b: 2 });
    expect(other?.key).not.toBe(one?.key);
  });

  it.each([
    ['no JSON', '{'],
    ['a list', '[{"query":"{ a }"}]'],
    ['null', 'null'],
    ['no query', '{"variables":{}}'],
    ['something beside it', '{"query":"{ a }","extensions":{}}'],
    ['a list of variables', '{"query":"{ a }","variables":[]}'],
    ['a name that is none', '{"query":"{ a }","operationName":1}'],
  ])('are none of the common ones with %s', (_what, text) => {
    const bodies = new CommonBodies();
    expect(bodies.read(text)).toBeUndefined();
    expect(bodies.read(text)).toBeUndefined();
  });

  it('are forgotten when others need their room, and not kept at all when they are long', () => {
    const bodies = new CommonBodies();
    const first = bodies.read(bodyOf('{ a }'));
    expect(bodies.read(bodyOf('{ a }'))).toBe(first);
    for (let other = 0; other < 10_000; other += 1) {
      bodies.read(bodyOf('{ a }', { other }));
    }
    const again = bodies.read(bodyOf('{ a }'));
    expect(again).toEqual(first);
    expect(again).not.toBe(first);
    const long = bodyOf(`{ ${'a '.repeat(10_000)} }`);
    expect(bodies.read(long)).toEqual(bodies.read(long));
    expect(bodies.read(long)).not.toBe(bodies.read(long));
  });
});
