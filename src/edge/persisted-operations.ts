/** Operations that are known beforehand, from a manifest. */

import { readFileSync } from 'node:fs';
import { usePersistedOperations } from '@graphql-yoga/plugin-persisted-operations';
import { Kind, parse } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { z } from 'zod';
import { ConfigError } from '../settings.ts';

/** Documents by id, as graphql-codegen and relay-compiler write them, or Apollo's own form. */
const manifestForm = z.union([
  z.object({
    format: z.literal('apollo-persisted-query-manifest'),
    operations: z.array(z.object({ id: z.string(), body: z.string() })),
  }),
  z.record(z.string(), z.string()),
]);

/** Operations that other instances know. */
export interface SharedOperations {
  /** Null when none has one of this id. */
  readonly find: (id: string) => Promise<string | null>;
}

/** Documents by id. */
export type Manifest = ReadonlyMap<string, string>;

/**
 * @param path - undefined for none
 * @throws {ConfigError} when the file cannot be read, or is no manifest
 */
export function readManifest(path: string | undefined): Manifest | undefined {
  if (path === undefined) {
    return undefined;
  }
  let given: unknown;
  try {
    given = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    throw new ConfigError(['PERSISTED_OPERATIONS must be a file of JSON that can be read']);
  }
  const read = manifestForm.safeParse(given);
  if (!read.success) {
    throw new ConfigError(['PERSISTED_OPERATIONS must be an object of documents by id']);
  }
  const { data } = read;
  return new Map(
    Array.isArray(data.operations)
      ? data.operations.map(({ id, body }) => [id, body])
      : Object.entries(data as Record<string, string>),
  );
}

/** Of the operations in a manifest; documents that cannot be parsed have none. */
export function namesIn(manifest: Manifest | undefined): readonly string[] {
  return [...(manifest?.values() ?? [])].flatMap((document) => {
    try {
      return parse(document).definitions.flatMap((definition) =>
        definition.kind === Kind.OPERATION_DEFINITION && definition.name !== undefined
          ? [definition.name.value]
          : [],
      );
    } catch {
      return [];
    }
  });
}

const refusal = (message: string, code: string) => ({
  message,
  extensions: { code, http: { status: 400 } },
});

/**
 * Answers `{"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "<id>"}}}`, or `"id"` or
 * `"documentId"` beside the variables, with the document of the manifest.
 *
 * @param only - whether no other documents are answered
 * @param others - knows those of other instances; absent where there are none
 */
export function useManifest(
  manifest: Manifest,
  only: boolean,
  others: SharedOperations | undefined,
): Plugin {
  return usePersistedOperations({
    allowArbitraryOperations: !only,
    extractPersistedOperationId: (params) => {
      const { id, documentId, extensions } = params as {
        readonly id?: unknown;
        readonly documentId?: unknown;
        readonly extensions?: { readonly persistedQuery?: { readonly sha256Hash?: unknown } };
      };
      const given = extensions?.persistedQuery?.sha256Hash ?? documentId ?? id;
      return typeof given === 'string' ? given : null;
    },
    getPersistedOperation: (id) => manifest.get(id) ?? others?.find(id) ?? null,
    customErrors: {
      notFound: refusal('The manifest has no operation of this id.', 'PERSISTED_QUERY_NOT_IN_LIST'),
      keyNotFound: refusal('An operation or its id is needed.', 'PERSISTED_QUERY_ID_REQUIRED'),
      persistedQueryOnly: refusal(
        'Only operations of the manifest are answered, by their id.',
        'PERSISTED_QUERY_ONLY',
      ),
    },
  }) as Plugin;
}
