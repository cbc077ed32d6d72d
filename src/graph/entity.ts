/** Entities of a larger graph: what other subgraphs may refer to, and by which keys. */

import type { ObjectRef } from '@pothos/core';
import { GraphQLObjectType, type GraphQLResolveInfo } from 'graphql';
import { UpstreamFailure, type UpstreamName } from '../failure.ts';
import type { Wanted } from '../rows/row.ts';
import { canonicalUuid } from '../rows/uuid.ts';
import type { Session } from '../session/session.ts';
import { builder, type GraphContext, type GraphTypes } from './builder.ts';
import { inputError } from './input-error.ts';
import { wantedIn } from './selection.ts';

export interface EntityKey {
  /** The field that identifies it. */
  readonly field: string;
  /** The key in the form in which it is looked up; undefined for what cannot be one. */
  readonly read: (value: string) => string | undefined;
  /** Null when there is none, or the caller may not see it. */
  readonly load: (session: Session, key: string, wanted: Wanted) => Promise<object | null>;
}

export interface Entity {
  /** The GraphQL type's name. */
  readonly name: string;
  readonly upstream: UpstreamName;
  /** The most usual first. */
  readonly keys: readonly EntityKey[];
}

type Ref<T> = ObjectRef<PothosSchemaTypes.ExtendDefaultTypes<GraphTypes>, T>;

/**
 * Makes a type an entity. References of one tick are loaded together, like links.
 *
 * A reference that is malformed, or leads to nothing, is an error in its own place: another subgraph
 * takes the thing for real, and has to be told.
 */
export function addEntity<T extends object>(ref: Ref<T>, { name, upstream, keys }: Entity): void {
  builder.asEntity(ref, {
    // Which fields they are is known at run time alone.
    key: keys.map(({ field }) => builder.selection<object>(field as never)),
    resolveReference: async (
      reference: object,
      { session }: GraphContext,
      info: GraphQLResolveInfo,
    ) => {
      const given = reference as Readonly<Record<string, unknown>>;
      const key = keys.find(({ field }) => given[field] !== undefined && given[field] !== null);
      if (key === undefined) {
        const fields = keys.map(({ field }) => field).join(' or ');
        throw inputError(['representations'], `a ${name} is identified by its ${fields}`);
      }
      const value = given[key.field];
      const read = typeof value === 'string' ? key.read(value) : undefined;
      if (read === undefined) {
        throw inputError(['representations', key.field], `is no ${key.field} of a ${name}`);
      }
      const type = info.schema.getType(name);
      const wanted = type instanceof GraphQLObjectType ? wantedIn(info, type) : {};
      const found = await key.load(session, read, wanted);
      if (found === null) {
        throw new UpstreamFailure(`no ${name} for a reference`, { kind: 'not-found', upstream });
      }
      return found as T;
    },
  });
}

/** The key that all of Waldur's things have. */
export function byUuid(load: EntityKey['load']): EntityKey {
  return { field: 'uuid', read: canonicalUuid, load };
}
