/** Queries by their text, parsed and found valid once. */

import { type DocumentNode, getOperationAST, OperationTypeNode } from 'graphql';
import type { openYoga } from './yoga.ts';

/** Bounds that keep a long-running process small; parsed documents take several times their text. */
const mostKept = 1_000;
const mostLetters = 1_000_000;

/** Answers that come in pieces have a way of their own. */
const inPieces = /@(defer|stream)\b/;

export class Prepared {
  readonly #yoga: ReturnType<typeof openYoga>;
  readonly #known = new Map<string, DocumentNode>();
  #letters = 0;

  constructor(yoga: ReturnType<typeof openYoga>) {
    this.#yoga = yoga;
  }

  /** Undefined for whatever is no valid document with one query of that name, or comes in pieces. */
  query(
    text: string,
    operationName: string | null | undefined,
    context: object,
  ): DocumentNode | undefined {
    const document = this.#known.get(text) ?? this.#prepare(text, context);
    const operation = document && getOperationAST(document, operationName);
    // What is asked for twice must change nothing.
    return operation?.operation === OperationTypeNode.QUERY ? document : undefined;
  }

  #prepare(text: string, context: object): DocumentNode | undefined {
    if (inPieces.test(text)) {
      return undefined;
    }
    const { getEnveloped } = this.#yoga;
    const way = getEnveloped(context as Parameters<typeof getEnveloped>[0]);
    let document: DocumentNode;
    try {
      document = way.parse(text);
    } catch {
      return undefined;
    }
    if (way.validate(way.schema, document).length > 0) {
      return undefined;
    }
    for (const oldest of this.#known.keys()) {
      if (this.#known.size < mostKept && this.#letters + text.length <= mostLetters) {
        break;
      }
      this.#known.delete(oldest);
      this.#letters -= oldest.length;
    }
    this.#known.set(text, document);
    this.#letters += text.length;
    return document;
  }
}
