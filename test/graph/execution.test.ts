/** Whatever resolvers do, a query's result is that of GraphQL's own executor. */

import fc from 'fast-check';
import {
  buildSchema,
  type DocumentNode,
  type ExecutionResult,
  execute,
  type GraphQLFieldResolver,
  GraphQLList,
  GraphQLNonNull,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  getNamedType,
  isObjectType,
  parse,
  validate,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { executeQuery } from '../../src/graph/execution/execute.ts';
import { type Raw, Row } from '../../src/rows/row.ts';
import { openRandom } from '../../src/sandbox/random.ts';

const schema = buildSchema(`
  enum Colour { RED BLUE }
  interface Named { name: String }
  type Thing implements Named {
    name: String
    count(by: Int = 1, of: Colour, each: [Int!]): Int
    sureCount: Int!
    colour: Colour
    thing: Thing
    sureThing: Thing!
    things(first: Int!): [Thing]
    sureThings: [Thing!]!
    grid: [[Int!]]
    either: Either
    named: Named!
  }
  type Other implements Named { name: String! thing: Thing }
  union Either = Thing | Other
  type Query { thing: Thing sureThing: Thing! things(first: Int!): [Thing!] either: Either named: Named sureCount: Int! }
`);

type Script = (path: string) => number;

interface Source {
  readonly __typename: string;
  /**
   * Whether faults come later only: GraphQL's own executor leaves the promises of siblings to nobody
   * where an item that may not be null throws at once.
   */
  readonly isSlow: boolean;
}

/** What stands at a path: the same in each execution, by itself or promised. */
const scripted: GraphQLFieldResolver<Source | undefined, Script> = (source, args, script, info) => {
  const path = pathOf(info.path);
  const chance = script(path);
  const isSlow = source?.isSlow === true;
  const value = () => {
    if (chance < 0.05) {
      return null;
    }
    if (chance < 0.08) {
      throw new Error(`no ${path} for ${JSON.stringify(args)}`);
    }
    if (chance < 0.1) {
      return new Error(`an error for ${path}`);
    }
    if (chance < 0.12) {
      return Symbol.for('what no type can show');
    }
    return madeOf(info.returnType, path, script, isSlow);
  };
  const isPromised = chance * 7919 - Math.floor(chance * 7919) < 0.4;
  return isPromised || (isSlow && chance < 0.12) ? Promise.resolve().then(value) : value();
};

function pathOf(path: GraphQLResolveInfo['path'] | undefined): string {
  return path === undefined ? '' : `${pathOf(path.prev)}.${path.key}`;
}

function madeOf(type: unknown, path: string, script: Script, isSlow: boolean): unknown {
  if (type instanceof GraphQLNonNull) {
    return madeOf(type.ofType, path, script, isSlow);
  }
  if (type instanceof GraphQLList) {
    const isSure = type.ofType instanceof GraphQLNonNull;
    return Array.from({ length: 3 }, (_, at) => {
      const chance = script(`${path}.${at}`);
      const item = () =>
        chance < 0.1 ? null : madeOf(type.ofType, `${path}.${at}`, script, isSure);
      return chance > 0.9
        ? Promise.reject(new Error(`no item ${path}.${at}`))
        : chance > 0.6 || (isSure && chance < 0.1)
          ? Promise.resolve(item())
          : item();
    });
  }
  const name = getNamedType(type as Parameters<typeof getNamedType>[0])?.name;
  switch (name) {
    case 'Int':
      return Math.floor(script(path) * 1000);
    case 'String':
      return path;
    case 'Colour':
      return isSlow || script(path) < 0.9 ? 'RED' : 'GREEN';
    case 'Either':
    case 'Named': {
      const found = script(path) < 0.5 ? 'Thing' : isSlow || script(path) < 0.95 ? 'Other' : 'None';
      return { __typename: found, isSlow };
    }
    default:
      return { __typename: name, isSlow };
  }
}

for (const type of Object.values(schema.getTypeMap())) {
  if (isObjectType(type) && !type.name.startsWith('__')) {
    for (const field of Object.values(type.getFields())) {
      field.resolve = scripted as GraphQLFieldResolver<unknown, unknown>;
    }
  }
}

/** A query with aliases, fragments, variables and directives, the same for the same seed. */
function aQuery(seed: number): DocumentNode {
  const random = openRandom(seed);
  const directive = () =>
    random.chance(0.2)
      ? random.pick([
          ' @include(if: $yes)',
          ' @skip(if: $no)',
          ' @skip(if: $yes)',
          ' @include(if: true)',
        ])
      : '';
  const thing = (depth: number): string => {
    const fields = Array.from({ length: random.integer(1, 5) }, () => {
      const alias = random.chance(0.2) ? `a${random.integer(0, 3)}_` : '';
      const called = (name: string) => (alias === '' ? name : `${alias}${name}: ${name}`);
      const leafs = ['name', 'sureCount', 'colour', 'grid', '__typename'].map(
        (name) => `${called(name)}${directive()}`,
      );
      const counts = [
        `${alias || 'b_'}c: count`,
        `d: count(by: $by, of: BLUE)`,
        'e: count(each: [1, $by])',
      ];
      if (depth >= 3 || random.chance(0.4)) {
        return random.pick([...leafs, ...counts]);
      }
      const below = thing(depth + 1);
      return random.pick([
        `${called('thing')}${directive()} ${below}`,
        `${called('sureThing')} ${below}`,
        `things(first: 2) ${below}`,
        `${alias || 'f_'}things: things(first: $by) ${below}`,
        `${called('sureThings')} ${below}`,
        `either { __typename ... on Named { name } ... on Thing ${below} ...Either }`,
        `named { name ... on Thing ${below} ... on Other { thing ${below} } }`,
        `...Thing${directive()}`,
        `... on Thing${directive()} ${below}`,
      ]);
    });
    return `{ ${fields.join(' ')} }`;
  };
  const text = `
    query Q($yes: Boolean! = true, $no: Boolean!, $by: Int!) {
      ${random.chance(0.5) ? 'thing' : 'sureThing'} ${thing(0)}
      things(first: 1) ${thing(1)}
      either { ...Either } ${random.chance(0.2) ? 'sureCount' : ''}
      ${random.chance(0.1) ? '__schema { queryType { name fields { name } } } __type(name: "Thing") { kind }' : ''}
    }
    fragment Thing on Thing ${thing(3).replaceAll('...Thing', '... on Thing { name }')}
    fragment Either on Either { ... on Other { name thing { ...Thing } } ... on Thing { sureThing { name } } }
    query Unused($yes: Boolean! = true, $no: Boolean!, $by: Int!) { ...All }
    fragment All on Query { thing { ...Thing c: count(by: $by) x: name @skip(if: $no) y: name @include(if: $yes) } either { ...Either } }`;
  return parse(text);
}

/** Where in the response something became null for an error, and which it was if it was the place's own. */
function faults({ data, errors }: ExecutionResult): string[] {
  const found = errors?.map(({ path = [], message, locations }) => {
    let at: unknown = data;
    const place: (string | number)[] = [];
    for (const key of path) {
      if (at === null || at === undefined) {
        // Of several faults below a place that is null, an executor may tell any.
        return `below ${place.join('.')}`;
      }
      at = (at as Record<string | number, unknown>)[key];
      place.push(key);
    }
    return `${place.join('.')}: ${message} ${JSON.stringify(locations)}`;
  });
  return [...new Set(found)].sort();
}

const comparable = (result: ExecutionResult) => ({
  keys: Object.keys(result),
  // With the order of fields.
  data: JSON.stringify(result.data),
  faults: faults(result),
});

describe('A query of a document that is known', () => {
  it('has the result that it has without a plan', { timeout: 60_000 }, async () => {
    let failed = 0;
    let whole = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.nat(), async (ofQuery, ofValues) => {
        const document = aQuery(ofQuery);
        fc.pre(validate(schema, document).length === 0);
        // The plan is made by the first execution and used by the others, with other variables.
        for (const [turn, variableValues] of [
          { no: false, by: 2 },
          { no: true, by: 3, yes: false },
          { no: false, by: 1, yes: true },
        ].entries()) {
          const script: Script = (path) =>
            openRandom(
              ofValues +
                turn +
                [...path].reduce((sum, one) => (sum * 31 + one.charCodeAt(0)) | 0, 7),
            ).fraction();
          const args = {
            schema,
            document,
            operationName: 'Q',
            variableValues,
            contextValue: script,
          };
          const planned = await executeQuery(args);
          const usual = await execute(args);
          expect(comparable(planned as ExecutionResult)).toEqual(comparable(usual));
          failed += usual.errors === undefined ? 0 : 1;
          whole += usual.data === null ? 0 : 1;
        }
      }),
      { numRuns: 400 },
    );
    expect(failed).toBeGreaterThan(200);
    expect(whole).toBeGreaterThan(200);
  });

  it('is planned no larger than it is executed, whatever its fragments spell out', async () => {
    const levels = 16;
    const fragments = Array.from(
      { length: levels },
      (_, at) =>
        `fragment F${at} on Thing { a: thing { ...F${at + 1} } b: thing { ...F${at + 1} } }`,
    );
    const document = parse(
      `{ thing { ...F0 } } ${fragments.join(' ')} fragment F${levels} on Thing { name }`,
    );
    // Nobody is there below the first.
    let asked = 0;
    const contextValue: Script = (path) => {
      asked += 1;
      return path === '.thing' ? 0.5 : 0.01;
    };
    const result = await executeQuery({ schema, document, contextValue });
    expect(result).toEqual({ data: { thing: { a: null, b: null } } });
    expect(asked).toBe(3);
  });

  it.each([
    ['of', (fields: string) => `... @include(if: $yes) { ${fields} }`],
    ['below', (fields: string) => `thing @include(if: $yes) { ${fields} }`],
  ])(
    'is planned once, whatever is executed %s what its variables select',
    async (_where, selected) => {
      const made = buildSchema('type Query { count(by: Int): Int thing: Query name: String }');
      const given = new Set<unknown>();
      Object.assign(made.getQueryType()?.getFields().count ?? {}, {
        // Constant arguments are found out with the plan.
        resolve: (_root: unknown, args: object) => {
          given.add(args);
        },
      });
      const thing = { thing: {} };
      const names = Array.from({ length: 300 }, (_, at) => `a${at}: name`).join(' ');
      const document = parse(
        `query Q($yes: Boolean!) { count(by: 2) thing { ${selected(names)} } }`,
      );
      for (let turn = 0; turn < 10; turn += 1) {
        await executeQuery({
          schema: made,
          document,
          rootValue: { thing },
          variableValues: { yes: true },
        });
      }
      expect(given.size).toBe(1);
    },
  );

  it.each([
    ['its type', { resolveType: async () => 'Thing' }, {}],
    ['whether it is of a type', {}, { isTypeOf: async () => true }],
  ])('shows what comes at once, though %s comes later', async (_what, ofNamed, ofThing) => {
    const made = buildSchema(`
      interface Named { name: String }
      type Thing implements Named { name: String }
      type Query { named: Named }
    `);
    Object.assign(made.getType('Named') ?? {}, ofNamed);
    Object.assign(made.getType('Thing') ?? {}, ofThing);
    const rootValue = { named: { __typename: 'Thing', name: async () => 'here' } };
    const args = { schema: made, document: parse('{ named { name } }'), rootValue };
    expect(await executeQuery(args)).toEqual(await execute(args));
  });

  it('gives resolvers constant arguments that they cannot change', async () => {
    const made = buildSchema(`
      input Filter { names: [String] }
      type Query { found(filter: Filter = { names: ["default"] }): Int }
    `);
    Object.assign(made.getQueryType()?.getFields().found ?? {}, {
      resolve: (_root: unknown, { filter }: { filter: { names: string[] } }) =>
        filter.names.push('more'),
    });
    for (const text of ['{ found(filter: { names: ["a"] }) }', '{ found }']) {
      const document = parse(text);
      const results = [];
      for (let turn = 0; turn < 2; turn += 1) {
        results.push(await executeQuery({ schema: made, document }));
      }
      expect(results[1]).toEqual(results[0]);
    }
  });

  it('shows fields whatever they are called', async () => {
    const document = parse('{ thing { __proto__: name constructor: name } }');
    const contextValue: Script = () => 0.5;
    const args = { schema, document, contextValue };
    const planned = JSON.stringify(await executeQuery(args));
    expect(planned).toBe(JSON.stringify(await execute(args)));
    expect(planned).toContain('__proto__');
  });

  it.each([
    ['a mutation', 'mutation { thing { name } }', {}],
    ['a subscription', 'subscription { thing { name } }', {}],
    ['an answer in pieces', '{ thing { ... @defer { name } } }', {}],
    ['variables that do not fit', 'query Q($n: Int!) { things(first: $n) { name } }', { n: 'two' }],
    ['an operation that is not there', 'query A { thing { name } } query B { thing { name } }', {}],
  ])('is not %s', (_what, text, variableValues) => {
    const contextValue = () => {
      throw new Error('nothing may be executed');
    };
    expect(executeQuery({ schema, document: parse(text), variableValues, contextValue })).toBe(
      undefined,
    );
  });

  describe('that shows one row at several places', () => {
    const text = `
      type Thing { name: String other: Other }
      type Other { name: String sure: String! }
      type Query { things: [Thing] }
    `;
    const shown = (field: string) => ({ fields: [field], read: (raw: Raw) => raw[field] });
    const view = { name: shown('name'), sure: shown('sure') };
    /** A row that holds nothing: what is wanted of it is on its way. */
    const aRow = (load: () => Promise<Raw>) => {
      const row: Row<{ name: unknown; sure: unknown }> = new Row(
        null,
        view,
        {},
        {
          fields: new Set(),
          load: (_row, _wanted, loading) =>
            loading.takeFrom(
              load().then((raw) => new Row(null, view, raw, { ...row.origin, fields: null })),
            ),
          onTopUp: () => undefined,
        },
      );
      row.want({ name: {}, sure: {} });
      return row;
    };
    /** Of GraphQL's own executor, and of ours. */
    const resultsOf = (load: () => Promise<Raw>) =>
      Promise.all(
        [execute, executeQuery].map(async (by) => {
          const made = buildSchema(text);
          const other = aRow(load);
          const { name, sure } = (made.getType('Other') as GraphQLObjectType).getFields();
          Object.assign(name ?? {}, { resolve: (row: typeof other) => row.get('name') });
          Object.assign(sure ?? {}, { resolve: (row: typeof other) => row.get('sure') });
          Object.assign(made.getQueryType()?.getFields().things ?? {}, {
            resolve: () => [
              { name: 'a', other },
              { name: 'b', other },
              // When the others have what they wait for.
              new Promise((resolve) => {
                setImmediate(() => resolve({ name: 'c', other }));
              }),
            ],
          });
          const document = parse('{ things { name other { name sure } } }');
          const result = (await by({ schema: made, document })) as ExecutionResult;
          return { ...comparable(result), errors: result.errors?.length ?? 0 };
        }),
      );

    it('shows what comes of it in each, and in those that come later', async () => {
      const [usual, ours] = await resultsOf(async () => ({ name: 'x', sure: 'y' }));
      expect(ours).toEqual(usual);
      expect(ours?.data.match(/"sure":"y"/g)).toHaveLength(3);
    });

    it.each([
      ['what is wrong with it', async () => ({ name: 'x', sure: null })],
      ['what is wrong with a part of it', async () => ({ name: {}, sure: 'y' })],
      ['that it does not come', () => Promise.reject(new Error('no'))],
    ])('tells %s for each', async (_what, load) => {
      const [usual, ours] = await resultsOf(load);
      expect(ours).toEqual(usual);
      expect(ours?.errors).toBeGreaterThanOrEqual(3);
    });
  });
});
