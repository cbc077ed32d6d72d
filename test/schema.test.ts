/** The schema as a document: up to date, and described to the last value. */

import { readFileSync } from 'node:fs';
import {
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isScalarType,
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
    const silent: string[] = [];
    for (const type of Object.values(schema.getTypeMap())) {
      if (!isObjectType(type) || type.name.startsWith('_')) {
        continue;
      }
      for (const field of Object.values(type.getFields())) {
        const named = getNamedType(field.type);
        const isValue = isScalarType(named) || isEnumType(named);
        const isNullable = !String(field.type).endsWith('!');
        // A connection is null only with an error, which says why.
        if (isNullable && isValue && !/null|none/i.test(field.description ?? '')) {
          silent.push(`${type.name}.${field.name}`);
        }
      }
    }
    expect(silent).toEqual([]);
  });
});
