/** What is kept of documents. */

import { parse } from 'graphql';
import { expect, it } from 'vitest';
import { openDocuments, tokensIn } from '../../src/edge/documents.ts';
import { aYoga } from './a-yoga.ts';

it('takes so much room, whatever is in them', () => {
  const documents = openDocuments();
  const long = `{ ${'a '.repeat(1_900)} }`;
  const texts = Array.from({ length: 100 }, (_, at) => `${long}#${at}`);
  for (const text of texts) {
    documents.set(text, parse(text));
  }
  expect(documents.size).toBeLessThan(50);
  expect(documents.has(texts[0] ?? '')).toBe(false);
  expect(documents.has(texts[99] ?? '')).toBe(true);
});

it('counts comments among the tokens', () => {
  expect(tokensIn(parse('{ a }'))).toBe(5);
  expect(tokensIn(parse('# one\n{ a # two\n} # three'))).toBe(8);
});

it('holds what was parsed, and nothing of what could not be', async () => {
  const { ask, documents } = aYoga();
  for (const query of ['{ a }', '{ a', '{ a }']) {
    expect(await (await ask(query)).json()).toHaveProperty('errors');
  }
  expect([...documents.keys()]).toEqual(['{ a }']);
});
