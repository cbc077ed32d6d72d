/** Global identifiers, and fetching anything by them. */

import { GraphQLObjectType, type GraphQLResolveInfo } from 'graphql';
import { Row, type Wanted } from '../rows/row.ts';
import { canonicalUuid } from '../rows/uuid.ts';
import type { Session } from '../session/session.ts';
import { builder } from './builder.ts';
import { inputError } from './input-error.ts';
import { wantedIn } from './selection.ts';

/** A noun's way into and out of global identifiers. */
export interface NodeKind {
  /** The GraphQL type's name. */
  readonly name: string;
  /** The properties that `keyOf` reads, when they are others than `uuid`. */
  readonly keyNeeds?: readonly string[];
  readonly keyOf: (node: never) => string | Promise<string>;
  /** Whether a key can be one of this kind. */
  readonly isKey: (key: string) => boolean;
  /** Null when there is none, or the caller may not see it. */
  readonly load: (session: Session, key: string, wanted: Wanted) => Promise<object | null>;
}

/** Anything in the graph that is not a row names its kind itself. */
export interface NamedNode {
  readonly __typename: string;
}

const kinds = new Map<string, NodeKind>();

/** Makes a noun reachable by `node` and `nodes`; its graph module calls this once. */
export function registerNode(kind: NodeKind): void {
  kinds.set(kind.name, kind);
}

function kindOf(node: object): NodeKind {
  const name = node instanceof Row ? node.noun?.name : (node as NamedNode).__typename;
  const kind = kinds.get(name ?? '');
  if (kind === undefined) {
    throw new Error(`${name} is not registered as a node`);
  }
  return kind;
}

/** The key's properties differ by type. */
function needsOf(type: string): readonly string[] | undefined {
  return kinds.get(type)?.keyNeeds;
}

function encode(name: string, key: string): string {
  // The form's version comes first: ids are stored by clients.
  return Buffer.from(`1:${name}:${key}`).toString('base64url');
}

function decode(id: string, argument: readonly string[]): { kind: NodeKind; key: string } {
  const parts = /^1:(\w+):(.+)$/s.exec(Buffer.from(id, 'base64url').toString('utf8'));
  const kind = kinds.get(parts?.[1] ?? '');
  const key = parts?.[2] ?? '';
  if (kind === undefined || !kind.isKey(key)) {
    throw inputError(argument, 'is not an id of this graph');
  }
  return { kind, key };
}

export const NodeRef = builder.interfaceRef<object>('Node').implement({
  description: 'Anything that can be fetched again by its id.',
  resolveType: (node) => kindOf(node).name,
  fields: (t) => ({
    id: t.id({
      description:
        'Identifies it among everything in this graph. Opaque: store it, do not read it.',
      extensions: { needs: ['uuid'], needsOf },
      resolve: async (node) => {
        const kind = kindOf(node);
        return encode(kind.name, await kind.keyOf(node as never));
      },
    }),
  }),
});

/** A canonical uuid, as the UUID scalar gives it. */
export function isUuid(key: string): boolean {
  return canonicalUuid(key) === key;
}

const maxNodes = 100;

builder.queryField('node', (t) =>
  t.field({
    type: NodeRef,
    nullable: true,
    description: 'Anything by its id; null when it is gone or the caller may not see it.',
    args: { id: t.arg.id({ required: true, description: 'An id that this graph gave.' }) },
    resolve: (_root, { id }, { session }, info) => {
      const { kind, key } = decode(id, ['id']);
      return kind.load(session, key, wantedOf(kind, info));
    },
  }),
);

builder.queryField('nodes', (t) =>
  t.field({
    type: [NodeRef],
    nullable: { list: false, items: true },
    description:
      'Several by their ids, in the order of the ids; null for each that is gone or that the caller may not see.',
    args: {
      ids: t.arg.idList({
        required: true,
        description: `Ids that this graph gave, at most ${maxNodes}.`,
      }),
    },
    resolve: (_root, { ids }, { session }, info) => {
      if (ids.length > maxNodes) {
        throw inputError(['ids'], `must be at most ${maxNodes}`);
      }
      const wanted = ids.map((id, index) => decode(id, ['ids', String(index)]));
      return wanted.map(({ kind, key }) => kind.load(session, key, wantedOf(kind, info)));
    },
  }),
);

function wantedOf(kind: NodeKind, info: GraphQLResolveInfo): Wanted {
  const type = info.schema.getType(kind.name);
  return wantedIn(info, type instanceof GraphQLObjectType ? type : undefined);
}
