/** Queries made at random from the schema: whatever a client could ask of a world. */

import {
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  getNamedType,
  isInterfaceType,
  isLeafType,
  isObjectType,
} from 'graphql';
import { openRandom, type Random } from '../src/sandbox/random.ts';
import type { Sandbox } from '../src/sandbox/sandbox.ts';
import { schema } from '../src/schema.ts';

/** Fields of Query that read Waldur's resources, with the uuids that they can be asked for. */
const roots = {
  customer: 'customers',
  project: 'projects',
  tenant: 'tenants',
  securityGroup: 'securityGroups',
  serverGroup: 'serverGroups',
  allocation: 'allocations',
} as const;

const maxDepth = 4;

/** The same seed and world give the same query. */
export function randomQuery(seed: number, { waldur: { world } }: Sandbox): string {
  const random = openRandom(seed);
  const query = schema.getQueryType() as GraphQLObjectType;
  const fields = Array.from({ length: random.integer(1, 3) }, (_, at) => {
    const one = random.pick(Object.keys(roots)) as keyof typeof roots;
    const list = roots[one];
    if (random.chance(0.25)) {
      const rows: readonly { uuid: string }[] = world[list];
      const uuid = rows.length > 0 ? random.pick(rows).uuid : '0'.repeat(32);
      const field = query.getFields()[one] as GraphQLField<unknown, unknown>;
      return `f${at}: ${one}(uuid: "${uuid}") ${selectionOf(field, random, 1)}`;
    }
    const field = query.getFields()[list] as GraphQLField<unknown, unknown>;
    return `f${at}: ${list}${pageArgs(random)} ${selectionOf(field, random, 1)}`;
  });
  return `{ ${fields.join(' ')} }`;
}

function pageArgs(random: Random): string {
  const length = random.pick([1, 2, 5, 20]);
  const order = random.chance(0.3)
    ? `, orderBy: [{ field: NAME, direction: ${random.pick(['ASC', 'DESC'])} }]`
    : '';
  return random.chance(0.8) ? `(first: ${length}${order})` : `(last: ${length}${order})`;
}

function selectionOf(field: GraphQLField<unknown, unknown>, random: Random, depth: number): string {
  const type = getNamedType(field.type);
  if (isLeafType(type)) {
    return '';
  }
  if (type.name.endsWith('Connection')) {
    const { nodes } = (type as GraphQLObjectType).getFields();
    const node = nodes as GraphQLField<unknown, unknown>;
    return random.chance(0.15)
      ? '{ totalCount }'
      : random.chance(0.3)
        ? `{ edges { node ${selectionOf(node, random, depth)} } }`
        : `{ totalCount nodes ${selectionOf(node, random, depth)} }`;
  }
  return `{ ${fieldsOf(type, random, depth).join(' ')} }`;
}

/** Danube's machines have their own rules and their own tests. */
const left = new Set(['virtualMachines', 'id', '__typename']);

function fieldsOf(type: GraphQLNamedType, random: Random, depth: number): string[] {
  if (!isObjectType(type) && !isInterfaceType(type)) {
    return ['__typename'];
  }
  const all = Object.values(type.getFields()).filter(
    (field) => !left.has(field.name) && (depth < maxDepth || isLeafType(getNamedType(field.type))),
  );
  const count = random.integer(1, Math.min(5, all.length));
  const chosen = new Set(Array.from({ length: count }, () => random.pick(all)));
  const shown = [...chosen].map((field) => {
    const isList = getNamedType(field.type).name.endsWith('Connection');
    const args = isList ? pageArgs(random) : '';
    const directive = random.chance(0.1) ? ` @include(if: ${random.chance(0.7)})` : '';
    const alias = isList ? `${field.name}${random.integer(0, 9999)}: ` : '';
    return `${alias}${field.name}${args}${directive} ${selectionOf(field, random, depth + 1)}`;
  });
  return random.chance(0.2) && isObjectType(type)
    ? ['__typename', `... on ${type.name} { ${shown.join(' ')} }`]
    : ['__typename', ...shown];
}
