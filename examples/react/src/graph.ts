/** Asking the graph and following it, with the types of each operation. */

import { createClient } from 'graphql-sse';
import { createContext, useContext, useEffect, useState } from 'react';
import type { TypedDocumentString } from './gql/graphql';

export interface Credentials {
  readonly waldur: string;
  readonly danube: string;
}

interface Answer<Result> {
  readonly data?: Result | null;
  readonly errors?: readonly { readonly message: string }[];
}

/**
 * An answer that is whole. One cloud's failure costs its own fields alone, so a page about both clouds
 * would rather show what there is beside the errors.
 */
function resultOf<Result>({ data, errors }: Answer<Result>): Result {
  if (!data || errors) {
    throw new Error(errors?.[0]?.message ?? 'There was no answer.');
  }
  return data;
}

/** Built with `--mode persisted`, the page sends ids that the gateway has the documents of. */
const named = <Result, Variables>(document: TypedDocumentString<Result, Variables>) =>
  import.meta.env.MODE === 'persisted'
    ? { documentId: String(document.__meta__?.hash) }
    : { query: String(document) };

export function openGraph({ waldur, danube }: Credentials) {
  const headers = { authorization: `Token ${waldur}`, 'x-danube-api-key': danube };
  const events = createClient({ url: '/graphql', headers });
  return {
    async ask<Result, Variables>(
      document: TypedDocumentString<Result, Variables>,
      variables: Variables,
    ): Promise<Result> {
      const response = await fetch('/graphql', {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify({ ...named(document), variables }),
      });
      return resultOf<Result>(await response.json());
    },

    /** @returns what ends it */
    follow<Result, Variables>(
      document: TypedDocumentString<Result, Variables>,
      variables: Variables & Record<string, unknown>,
      onEvent: (result: Result) => void,
    ): () => void {
      return events.subscribe<Result>(
        // graphql-sse sends whatever it is given; ids are no part of its types.
        { ...named(document), variables } as { query: string; variables: typeof variables },
        { next: (answer) => onEvent(resultOf(answer)), error: console.error, complete: () => {} },
      );
    },
  };
}

export const GraphContext = createContext<ReturnType<typeof openGraph> | null>(null);

export function useGraph() {
  const graph = useContext(GraphContext);
  if (graph === null) {
    throw new Error('there is no graph around this component');
  }
  return graph;
}

/**
 * The latest event, undefined before the first; follows nothing while there are no variables, and begins
 * anew with each change of them or of `times`.
 */
export function useFollowed<Result, Variables extends Record<string, unknown>>(
  document: TypedDocumentString<Result, Variables>,
  variables: Variables | undefined,
  times = 0,
): Result | undefined {
  const graph = useGraph();
  const [latest, setLatest] = useState<Result>();
  const asked = variables && JSON.stringify({ times, variables });
  useEffect(() => {
    setLatest(undefined);
    if (asked !== undefined) {
      return graph.follow(document, JSON.parse(asked).variables, setLatest);
    }
  }, [graph, document, asked]);
  return latest;
}
