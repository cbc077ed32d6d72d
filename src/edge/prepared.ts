/** Queries by their text, parsed and found valid once. */

import { type DocumentNode, getOperationAST, OperationTypeNode } from 'graphql';
import type { Documents } from './documents.ts';
import type { OpenedYoga } from './yoga.ts';

/** Answers that come in pieces have a way of their own. */
const inPieces = /@(defer|stream)\b/;

export class Prepared {
  readonly #yoga: OpenedYoga['yoga'];
  readonly #documents: Documents;
  readonly #valid = new WeakSet<DocumentNode>();

  /** @param documents - where `yoga` keeps what it has parsed */
  constructor(yoga: OpenedYoga['yoga'], documents: Documents) {
    this.#yoga = yoga;
    this.#documents = documents;
  }

  /** Undefined for whatever is no valid document with one query of that name, or comes in pieces. */
  query(
    text: string,
    operationName: string | null | undefined,
    context: object,
  ): DocumentNode | undefined {
    const known = this.#documents.get(text);
    const document =
      known !== undefined && this.#valid.has(known) ? known : this.#prepare(text, context);
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
    this.#valid.add(document);
    return document;
  }
}
