/** The schema as a document: up to date, and described to the last value. */

import { readFileSync } from 'node:fs';
import {
  type GraphQLType,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNullableType,
  isObjectType,
  isSpecifiedScalarType,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { printPublished, printWhole } from '../src/graph/supergraph.ts';
import { schema } from '../src/schema.ts';

describe('The files', () => {
  it.each([
    ['schema.graphql', printWhole],
    ['subgraph.graphql', printPublished],
  ])('have what the code builds: %s', (name, print) => {
    const file = readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
    expect(file).toBe(print(schema));
  });
});

describe('The schema', () => {
  it('describes every type, field, argument and value', () => {
    const bare: string[] = [];
    const check = (name: string, { description }: { description?: string | null | undefined }) => {
      if (!description) {
        bare.push(name);
      }
    };
    check('schema', schema);
    for (const type of Object.values(schema.getTypeMap())) {
      if (type.name.startsWith('_') || isSpecifiedScalarType(type)) {
        continue;
      }
      check(type.name, type);
      if (isEnumType(type)) {
        for (const value of type.getValues()) {
          check(`${type.name}.${value.name}`, value);
        }
      }
      if (isObjectType(type) || isInterfaceType(type) || isInputObjectType(type)) {
        for (const field of Object.values(type.getFields())) {
          check(`${type.name}.${field.name}`, field);
          for (const argument of 'args' in field ? field.args : []) {
            check(`${type.name}.${field.name}(${argument.name})`, argument);
          }
        }
      }
    }
    expect(bare).toEqual([]);
  });

  it('says of every field that may be null when it is', () => {
    const silent = fields.filter(
      ({ name, type, own }) =>
        isNullableType(type) && !isSaidOfAll(name, type) && !/null|none/i.test(own),
    );
    expect(silent.map(({ name }) => name)).toEqual([]);
  });

  it('says of every argument and input that may be null what null does', () => {
    const silent = inputs.filter(
      ({ type, own, above }) => isNullableType(type) && !/null|none/i.test(own + above),
    );
    expect(silent.map(({ name }) => name)).toEqual([]);
  });

  it('says of every list in which order it is', () => {
    const silent = fields.filter(
      ({ type, own, above }) =>
        isListType(getNullableType(type)) && !/order|first|\bby\b|leads/i.test(own + above),
    );
    expect(silent.map(({ name }) => name)).toEqual([]);
  });
});

/** A field, an argument or an input. */
interface Member {
  readonly name: string;
  readonly type: GraphQLType;
  /** What is said of it. */
  readonly own: string;
  /** What is said of the type that it is in. */
  readonly above: string;
}

interface Described {
  readonly name: string;
  readonly type: GraphQLType;
  readonly description?: string | null | undefined;
}

const membersOf = (
  within: string,
  members: readonly Described[],
  above: string | null | undefined = '',
) =>
  members.map(
    ({ name, type, description }): Member => ({
      name: `${within}.${name}`,
      type,
      own: description ?? '',
      above: above ?? '',
    }),
  );

const types = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith('_'));
const objects = types.filter(isObjectType);
const fields = objects.flatMap((type) =>
  membersOf(type.name, Object.values(type.getFields()), type.description),
);
const inputs = [
  ...types
    .filter(isInputObjectType)
    .flatMap((type) => membersOf(type.name, Object.values(type.getFields()), type.description)),
  ...objects.flatMap((type) =>
    Object.values(type.getFields()).flatMap(({ name, args }) =>
      membersOf(`${type.name}.${name}`, args),
    ),
  ),
];

/** Query says of all pages, and Mutation of all results, that they are null with an error alone. */
const isSaidOfAll = (name: string, type: GraphQLType) =>
  name.startsWith('Mutation.') || getNamedType(type).name.endsWith('Connection');
