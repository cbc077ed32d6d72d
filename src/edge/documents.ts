/** Parsed documents, which are kept for whoever asks again. */

import type { DocumentNode } from 'graphql';
import { LRUCache } from 'lru-cache';

/** What is found out about a document later is kept for as long as the document. */
const bytesPerToken = 800;
const bytesPerLetter = 2;
const mostBytes = 64 * 1024 * 1024;

/**
 * Tokens that the syntax tree holds on to. Comments are among them, though the parser's own limit does not
 * count these: a body of nothing else takes fifty times its size.
 */
export function tokensIn({ loc }: DocumentNode): number {
  let tokens = 0;
  for (let token = loc?.startToken ?? null; token !== null; token = token.next) {
    tokens += 1;
  }
  return tokens;
}

/** Documents by their text. Those that nobody has asked for lately are forgotten when there is no more room. */
export type Documents = LRUCache<string, DocumentNode>;

export function openDocuments(): Documents {
  return new LRUCache({
    maxSize: mostBytes,
    sizeCalculation: (document, text) =>
      bytesPerToken * tokensIn(document) + bytesPerLetter * text.length,
  });
}
