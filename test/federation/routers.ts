/** Two gateways of larger graphs, in this process, before ours and a neighbour. */

import { createServer } from 'node:http';
import { composeServices } from '@apollo/composition';
import { ApolloGateway, RemoteGraphQLDataSource } from '@apollo/gateway';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime';
import { type GraphQLFormattedError, type GraphQLSchema, getOperationAST, parse } from 'graphql';
import { createYoga } from 'graphql-yoga';
import { onTestFinished } from 'vitest';
import { printPublished } from '../../src/graph/supergraph.ts';
import { schema } from '../../src/schema.ts';
import type { TestGateway } from '../a-gateway.ts';
import { portOf } from '../a-port.ts';
import { billing } from './neighbours.ts';

export interface Answer {
  // biome-ignore lint/suspicious/noExplicitAny: what a test reads of an answer is its own business
  readonly data: any;
  readonly errors?: readonly GraphQLFormattedError[];
}

export type Run = (query: string, headers: Readonly<Record<string, string>>) => Promise<Answer>;

type Router = (supergraphSdl: string) => Promise<Run>;

type References = readonly { readonly __typename: string; readonly uuid: string }[];

/** What the neighbour knows, of things of ours. */
export interface Ledger {
  readonly projects: readonly string[];
  readonly tenants: readonly string[];
}

/** Serves a subgraph; gives its address. */
export async function openSubgraph(subgraph: GraphQLSchema): Promise<string> {
  // The limit of references is part of what finishes a subgraph of ours.
  const context = () => ({ session: { maxReferences: 1_000, values: new Map() } });
  const yoga = createYoga({ logging: false, maskedErrors: false, schema: subgraph, context });
  const server = createServer((request, response) => void yoga(request, response));
  return `http://127.0.0.1:${await portOf(server)}/graphql`;
}

function billingWith({ projects, tenants }: Ledger): GraphQLSchema {
  return buildSubgraphSchema({
    typeDefs: parse(billing.sdl),
    resolvers: {
      Query: {
        invoices: () =>
          projects.map((uuid, at) => ({
            number: at + 1,
            project: { __typename: 'Project', uuid },
            tenant: { __typename: 'Tenant', uuid: tenants[at % tenants.length] },
          })),
        dearest: () => ({ __typename: 'Project', uuid: projects[0] }),
      },
      Project: {
        __resolveReference: (reference: References[number]) => reference,
        monthlyPrice: ({ uuid }: { uuid: string }) => projects.indexOf(uuid) + 100,
        invoiceTitle: ({ name }: { name: string }) => `Invoice for ${name}`,
      },
      Tenant: {
        __resolveReference: (reference: References[number]) => reference,
        costCentre: ({ uuid }: { uuid: string }) => `CC-${uuid.slice(0, 4)}`,
      },
    } as never,
  });
}

const passedOn = ['authorization', 'x-danube-api-key'];

const routers: Record<string, Router> = {
  '@apollo/gateway': async (supergraphSdl) => {
    const gateway = new ApolloGateway({
      supergraphSdl,
      logger: { debug() {}, info() {}, warn() {}, error() {} },
      buildService: ({ url }) =>
        new RemoteGraphQLDataSource<{ headers?: Record<string, string> }>({
          ...(url === undefined ? {} : { url }),
          willSendRequest({ request, context }) {
            for (const name of passedOn) {
              const value = context.headers?.[name];
              if (value !== undefined) {
                request.http?.headers.set(name, value);
              }
            }
          },
        }),
    });
    const { executor, schema: api } = await gateway.load();
    onTestFinished(() => gateway.stop());
    return async (query, headers) => {
      const document = parse(query);
      const { data, errors } = await executor({
        document,
        schema: api,
        request: { query },
        operation: getOperationAST(document),
        operationName: null,
        queryHash: query,
        source: query,
        context: { headers },
        metrics: {},
        overallCachePolicy: {},
        cache: new Map(),
        logger: console,
      } as never);
      return JSON.parse(JSON.stringify({ data, errors })) as Answer;
    };
  },
  'Hive Gateway': async (supergraphSdl) => {
    const gateway = createGatewayRuntime({
      supergraph: supergraphSdl,
      logging: false,
      propagateHeaders: {
        fromClientToSubgraphs: ({ request }) =>
          Object.fromEntries(
            passedOn.flatMap((name) => {
              const value = request.headers.get(name);
              return value === null ? [] : [[name, value]];
            }),
          ),
      },
    });
    onTestFinished(() => gateway[Symbol.asyncDispose]());
    return async (query, headers) => {
      const response = await gateway.fetch('http://router/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
        body: JSON.stringify({ query }),
      });
      return (await response.json()) as Answer;
    };
  },
};

export const routerNames = Object.keys(routers);

export interface Subgraph {
  readonly name: string;
  readonly sdl: string;
  readonly url: string;
}

/** A router before some subgraphs. */
export async function aRouterBefore(name: string, subgraphs: readonly Subgraph[]): Promise<Run> {
  const { supergraphSdl, errors } = composeServices(
    subgraphs.map(({ sdl, ...subgraph }) => ({ ...subgraph, typeDefs: parse(sdl) })),
  );
  if (supergraphSdl === undefined) {
    throw new Error(errors?.map(String).join('\n'));
  }
  return (routers[name] as Router)(supergraphSdl);
}

/** A router before `gateway` and the billing team. */
export async function aRouter(name: string, gateway: TestGateway, ledger: Ledger): Promise<Run> {
  return aRouterBefore(name, [
    { name: 'stratograph', sdl: printPublished(schema), url: gateway.url },
    { name: 'billing', sdl: billing.sdl, url: await openSubgraph(billingWith(ledger)) },
  ]);
}
