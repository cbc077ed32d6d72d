/**
 * The products subgraph of Apollo's compatibility suite, on the builder's plugins, and the two that it
 * is queried with.
 *
 * Source of types, data and assertions: apollographql/apollo-federation-subgraph-compatibility, 2.2.
 */

import { buildSubgraphSchema } from '@apollo/subgraph';
import SchemaBuilder from '@pothos/core';
import { DirectiveLocation, GraphQLDirective, type GraphQLSchema, parse } from 'graphql';
import { plugins } from '../../src/graph/builder.ts';
import { federation, finishSubgraph } from '../../src/graph/supergraph.ts';

interface Research {
  study: { caseNumber: string; description: string };
  outcome: string | null;
}

interface Product {
  id: string;
  sku: string;
  package: string;
  variation: { id: string };
  research: Research[];
}

interface User {
  email: string;
  totalProductsCreated?: number;
  yearsOfEmployment?: number;
}

const dimensions = { size: 'small', weight: 1, unit: 'kg' };
const creator: User = { email: 'support@apollographql.com', totalProductsCreated: 1337 };
const deprecatedProduct = {
  sku: 'apollo-federation-v1',
  package: '@apollo/federation-v1',
  reason: 'Migrate to Federation V2',
};
const researches: Research[] = [
  { study: { caseNumber: '1234', description: 'Federation Study' }, outcome: null },
  { study: { caseNumber: '1235', description: 'Studio Study' }, outcome: null },
];
const products: Product[] = [
  {
    id: 'apollo-federation',
    sku: 'federation',
    package: '@apollo/federation',
    variation: { id: 'OSS' },
    research: researches.slice(0, 1),
  },
  {
    id: 'apollo-studio',
    sku: 'studio',
    package: '',
    variation: { id: 'platform' },
    research: researches.slice(1),
  },
];

export function productsSchema(): GraphQLSchema {
  const builder = new SchemaBuilder<{
    Directives: { custom: { locations: 'OBJECT' } };
  }>({ plugins: [...plugins] });

  const Variation = builder.objectRef<Product['variation']>('ProductVariation').implement({
    fields: (t) => ({ id: t.exposeID('id', { nullable: false }) }),
  });
  const Dimension = builder.objectRef<typeof dimensions>('ProductDimension').implement({
    shareable: true,
    fields: (t) => ({
      size: t.exposeString('size'),
      weight: t.exposeFloat('weight'),
      unit: t.exposeString('unit', { inaccessible: true }),
    }),
  });
  const CaseStudy = builder.objectRef<Research['study']>('CaseStudy').implement({
    fields: (t) => ({
      caseNumber: t.exposeID('caseNumber', { nullable: false }),
      description: t.exposeString('description'),
    }),
  });

  const ProductResearch = builder.objectRef<Research>('ProductResearch').implement({
    fields: (t) => ({
      study: t.field({ type: CaseStudy, nullable: false, resolve: ({ study }) => study }),
      outcome: t.exposeString('outcome'),
    }),
  });
  builder.asEntity(ProductResearch, {
    key: builder.selection<{ study: { caseNumber: string } }>('study { caseNumber }'),
    resolveReference: ({ study }) =>
      researches.find((one) => one.study.caseNumber === study.caseNumber) ?? null,
  });

  const UserRef = builder
    .externalRef(
      'User',
      builder.selection<{ email: string }>('email'),
      (reference): User => ({ ...creator, yearsOfEmployment: 10, ...reference }),
    )
    .implement({
      externalFields: (t) => ({
        email: t.id({ nullable: false }),
        totalProductsCreated: t.int(),
        yearsOfEmployment: t.int({ nullable: false }),
      }),
      fields: (t) => ({
        averageProductsCreatedPerYear: t.int({
          requires: builder.selection<{
            totalProductsCreated?: number;
            yearsOfEmployment: number;
          }>('totalProductsCreated yearsOfEmployment'),
          resolve: ({ totalProductsCreated, yearsOfEmployment }) =>
            Math.round((totalProductsCreated ?? 0) / yearsOfEmployment),
        }),
        name: t.string({ override: { from: 'users' }, resolve: () => 'Jane Smith' }),
      }),
    });

  const ProductRef = builder.objectRef<Product>('Product').implement({
    directives: { custom: {} } as never,
    fields: (t) => ({
      id: t.exposeID('id', { nullable: false }),
      sku: t.exposeString('sku'),
      package: t.exposeString('package'),
      variation: t.field({ type: Variation, resolve: ({ variation }) => variation }),
      dimensions: t.field({ type: Dimension, resolve: () => dimensions }),
      createdBy: t.field({
        type: UserRef.provides<{ totalProductsCreated: number }>('totalProductsCreated'),
        resolve: () => creator as never,
      }),
      notes: t.string({ tag: 'internal', resolve: () => null }),
      research: t.field({
        type: [ProductResearch],
        nullable: { list: false, items: false },
        resolve: ({ research }) => research,
      }),
    }),
  });
  builder.asEntity(ProductRef, {
    key: [
      builder.selection<{ id: string }>('id'),
      builder.selection<{ sku: string; package: string }>('sku package'),
      builder.selection<{ sku: string; variation: { id: string } }>('sku variation { id }'),
    ],
    resolveReference: (reference) =>
      products.find((product) =>
        'id' in reference
          ? product.id === reference.id
          : product.sku === reference.sku &&
            ('package' in reference
              ? product.package === reference.package
              : product.variation.id === reference.variation.id),
      ) ?? null,
  });

  const Deprecated = builder.objectRef<typeof deprecatedProduct>('DeprecatedProduct').implement({
    fields: (t) => ({
      sku: t.exposeString('sku', { nullable: false }),
      package: t.exposeString('package', { nullable: false }),
      reason: t.exposeString('reason'),
      createdBy: t.field({ type: UserRef, resolve: () => creator as never }),
    }),
  });
  builder.asEntity(Deprecated, {
    key: builder.selection<{ sku: string; package: string }>('sku package'),
    resolveReference: (reference) =>
      reference.sku === deprecatedProduct.sku && reference.package === deprecatedProduct.package
        ? deprecatedProduct
        : null,
  });

  const Inventory = builder.objectRef<{ id: string }>('Inventory').implement({
    fields: (t) => ({
      id: t.exposeID('id', { nullable: false }),
      deprecatedProducts: t.field({
        type: [Deprecated],
        nullable: { list: false, items: false },
        resolve: () => [deprecatedProduct],
      }),
    }),
  });
  builder.asEntity(Inventory, {
    key: builder.selection<{ id: string }>('id'),
    interfaceObject: true,
    resolveReference: (reference) => ({ ...reference }),
  });

  builder.queryType({
    fields: (t) => ({
      product: t.field({
        type: ProductRef,
        args: { id: t.arg.id({ required: true }) },
        resolve: (_root, { id }) => products.find((product) => product.id === id) ?? null,
      }),
      deprecatedProduct: t.field({
        type: Deprecated,
        deprecationReason: 'Use product query instead',
        args: {
          sku: t.arg.string({ required: true }),
          package: t.arg.string({ required: true }),
        },
        resolve: (_root, given) =>
          given.sku === deprecatedProduct.sku && given.package === deprecatedProduct.package
            ? deprecatedProduct
            : null,
      }),
    }),
  });

  const schema = builder.toSubGraphSchema({
    linkUrl: federation.linkUrl,
    composeDirectives: ['@custom'],
    schemaDirectives: {
      link: { url: 'https://myspecs.dev/myCustomDirective/v1.0', import: ['@custom'] },
    } as never,
    directives: [new GraphQLDirective({ name: 'custom', locations: [DirectiveLocation.OBJECT] })],
  });
  finishSubgraph(schema);
  return schema;
}

const link = (...imports: string[]) =>
  `extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ${JSON.stringify(imports)})`;

export const usersSdl = `
  ${link('@key', '@shareable')}
  type User @key(fields: "email") {
    email: ID! name: String totalProductsCreated: Int @shareable yearsOfEmployment: Int!
  }
`;

export function usersSchema(): GraphQLSchema {
  return buildSubgraphSchema({
    typeDefs: parse(usersSdl),
    resolvers: {
      User: {
        __resolveReference: ({ email }: User) => ({
          email,
          name: 'default',
          totalProductsCreated: 1337,
          yearsOfEmployment: 10,
        }),
      },
    } as never,
  });
}

export const inventorySdl = `
  ${link('@key', '@external', '@requires', '@shareable')}
  interface Inventory @key(fields: "id") { id: ID! }
  type DeliveryEstimates { estimatedDelivery: String fastestDelivery: String }
  type ProductDimension @shareable { size: String weight: Float }
  type ProductInventory implements Inventory @key(fields: "id") {
    id: ID! inStock: Boolean!
  }
  type Product @key(fields: "id") {
    id: ID!
    dimensions: ProductDimension @external
    delivery(zip: String): DeliveryEstimates @requires(fields: "dimensions { size weight }")
  }
  type Query { inventories: [Inventory!]! }
`;

export function inventorySchema(): GraphQLSchema {
  return buildSubgraphSchema({
    typeDefs: parse(inventorySdl),
    resolvers: {
      Query: { inventories: () => [{ __typename: 'ProductInventory', id: 'apollo-oss' }] },
      Product: {
        __resolveReference: (reference: object) => reference,
        delivery: ({ dimensions: given }: { dimensions?: { size: string; weight: number } }) =>
          given?.size === 'small' && given.weight === 1
            ? { estimatedDelivery: '5/1/2019', fastestDelivery: '5/1/2019' }
            : null,
      },
      Inventory: { __resolveReference: (reference: object) => reference },
      ProductInventory: {
        __resolveReference: (reference: object) => reference,
        inStock: () => true,
      },
    } as never,
  });
}
