/**
 * The assertions of Apollo's subgraph compatibility suite, each by its name there.
 *
 * Left out: ftv1, which is about a server that reports traces to Apollo, not about a subgraph's graph.
 *
 * Source: apollographql/apollo-federation-subgraph-compatibility, 2.2.
 */

import { graphql } from 'graphql';
import { describe, expect, it } from 'vitest';
import { printPublished } from '../../src/graph/supergraph.ts';
import {
  inventorySchema,
  inventorySdl,
  productsSchema,
  usersSchema,
  usersSdl,
} from './products.ts';
import { aRouterBefore, openSubgraph, routerNames } from './routers.ts';

const schema = productsSchema();
const sdl = printPublished(schema);

const ask = async (source: string, variableValues: Record<string, unknown> = {}) => {
  const contextValue = { session: { maxReferences: 1_000, values: new Map() } };
  const { data, errors } = await graphql({ schema, source, variableValues, contextValue });
  expect(errors).toBeUndefined();
  return JSON.parse(JSON.stringify(data));
};

const entity = async (type: string, key: Record<string, unknown>, selection: string) => {
  const { _entities: found } = await ask(
    `query ($representations: [_Any!]!) {
      _entities(representations: $representations) { ... on ${type} { ${selection} } }
    }`,
    { representations: [{ __typename: type, ...key }] },
  );
  return found[0];
};

describe('Asked alone', () => {
  it('introspection: _service has the SDL', async () => {
    const { _service: service } = await ask('{ _service { sdl } }');
    expect(service.sdl).toBe(sdl);
  });

  it('@key single', async () => {
    expect(sdl).toMatch(/type User (?=[^{]*@key\(fields: "email"\))/);
    const found = await entity('User', { email: 'support@apollographql.com' }, 'email name');
    expect(found).toEqual({ email: 'support@apollographql.com', name: 'Jane Smith' });
  });

  it('@key multiple', async () => {
    const key = { sku: 'apollo-federation-v1', package: '@apollo/federation-v1' };
    expect(await entity('DeprecatedProduct', key, 'sku package reason')).toEqual({
      ...key,
      reason: 'Migrate to Federation V2',
    });
  });

  it('@key composite', async () => {
    const key = { study: { caseNumber: '1234' } };
    const found = await entity('ProductResearch', key, 'study { caseNumber description }');
    expect(found).toEqual({ study: { caseNumber: '1234', description: 'Federation Study' } });
  });

  it.each([
    ['id', { id: 'apollo-federation' }],
    ['sku package', { sku: 'federation', package: '@apollo/federation' }],
    ['sku variation { id }', { sku: 'federation', variation: { id: 'OSS' } }],
  ])('repeatable @key: %s', async (fields, key) => {
    expect(sdl).toMatch(
      new RegExp(`type Product [^{]*@key\\(fields: "${fields.replace(/[{}]/g, '\\$&')}"\\)`),
    );
    expect(await entity('Product', key, 'id sku')).toEqual({
      id: 'apollo-federation',
      sku: 'federation',
    });
  });

  it('@provides', async () => {
    expect(sdl).toMatch(/createdBy: User @provides\(fields: "totalProductsCreated"\)/);
    const { product } = await ask(
      '{ product(id: "apollo-federation") { createdBy { email totalProductsCreated } } }',
    );
    expect(product.createdBy.totalProductsCreated).not.toBe(4);
    expect(product.createdBy.totalProductsCreated).toBe(1337);
  });

  it('@link: exactly one to the federation specification', () => {
    const links = sdl.match(/@link\(url: "https:\/\/specs\.apollo\.dev\/federation\/v2\.\d+"/g);
    expect(links).toHaveLength(1);
  });

  it('@shareable', () => {
    expect(sdl).toMatch(/type ProductDimension @shareable/);
  });

  it('@tag', () => {
    expect(sdl).toMatch(/notes: String @tag\(name: "internal"\)/);
  });

  it('@inaccessible', () => {
    expect(sdl).toMatch(/unit: String @inaccessible/);
  });

  it('@composeDirective', () => {
    expect(sdl).toMatch(/@composeDirective\(name: "@custom"\)/);
    expect(sdl).toMatch(/type Product [^{]*@custom/);
    expect(sdl).toMatch(/directive @custom on OBJECT/);
  });
});

describe.each(routerNames)('Behind %s', (name) => {
  const open = async () =>
    aRouterBefore(name, [
      { name: 'products', sdl, url: await openSubgraph(schema) },
      { name: 'users', sdl: usersSdl, url: await openSubgraph(usersSchema()) },
      { name: 'inventory', sdl: inventorySdl, url: await openSubgraph(inventorySchema()) },
    ]);

  it('@requires', async () => {
    const run = await open();
    const { data, errors } = await run(
      '{ product(id: "apollo-federation") { createdBy { averageProductsCreatedPerYear email } } }',
      {},
    );
    expect(errors).toBeUndefined();
    expect(data.product.createdBy).toEqual({
      averageProductsCreatedPerYear: Math.round(1337 / 10),
      email: 'support@apollographql.com',
    });
  });

  it('@override', async () => {
    expect(sdl).toMatch(/name: String @override\(from: "users"\)/);
    const run = await open();
    const { data } = await run('{ product(id: "apollo-federation") { createdBy { name } } }', {});
    expect(data.product.createdBy.name).toBe('Jane Smith');
  });

  it('@shareable', async () => {
    const run = await open();
    const { data } = await run(
      '{ product(id: "apollo-federation") { dimensions { size weight } delivery(zip: "94111") { fastestDelivery } } }',
      {},
    );
    expect(data.product).toEqual({
      dimensions: { size: 'small', weight: 1 },
      delivery: { fastestDelivery: '5/1/2019' },
    });
  });

  it('@inaccessible is not to be asked for', async () => {
    const run = await open();
    const answer = await run(
      '{ product(id: "apollo-federation") { dimensions { unit } } }',
      {},
    ).catch((reason: Error) => ({ data: undefined, errors: [reason] }));
    expect(answer.errors?.length).toBeGreaterThan(0);
  });

  it('@interfaceObject', async () => {
    const run = await open();
    const { data, errors } = await run(
      '{ inventories { id deprecatedProducts { sku package reason } } }',
      {},
    );
    expect(errors).toBeUndefined();
    expect(data.inventories).toEqual([
      {
        id: 'apollo-oss',
        deprecatedProducts: [
          {
            sku: 'apollo-federation-v1',
            package: '@apollo/federation-v1',
            reason: 'Migrate to Federation V2',
          },
        ],
      },
    ]);
  });
});
