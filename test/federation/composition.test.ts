/** The published graph beside others, put together by both composers. */

import { composeServices as composeWithApollo } from '@apollo/composition';
import { composeServices as composeWithGuild } from '@theguild/federation-composition';
import { type DocumentNode, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { printPublished } from '../../src/graph/supergraph.ts';
import { schema } from '../../src/schema.ts';
import { billing, relayStyle } from './neighbours.ts';

interface Service {
  readonly name: string;
  readonly typeDefs: DocumentNode;
  readonly url: string;
}

const service = (name: string, sdl: string): Service => ({
  name,
  typeDefs: parse(sdl),
  url: `http://127.0.0.1/${name}`,
});

const ours = service('stratograph', printPublished(schema));

const composers = {
  '@apollo/composition': (services: Service[]) => {
    const { errors, hints, supergraphSdl } = composeWithApollo(services);
    return {
      errors: errors?.map(({ message }) => message),
      warnings: hints?.filter(({ definition }) => definition.level.value >= 60).map(String) ?? [],
      supergraphSdl,
    };
  },
  '@theguild/federation-composition': (services: Service[]) => {
    const { errors, supergraphSdl } = composeWithGuild(services) as unknown as {
      errors?: readonly { message: string }[];
      supergraphSdl?: string;
    };
    return { errors: errors?.map(({ message }) => message), warnings: [], supergraphSdl };
  },
};

describe.each(Object.entries(composers))('With %s', (_name, compose) => {
  it.each<[string, Service[]]>([
    ['alone', [ours]],
    ['with one that extends Project and Tenant', [ours, service('billing', billing.sdl)]],
    ['with a Relay-style one that has its own node', [ours, service('relay', relayStyle.sdl)]],
    ['with both', [ours, service('billing', billing.sdl), service('relay', relayStyle.sdl)]],
  ])('it composes %s, without a warning', (_beside, services) => {
    const { errors, warnings, supergraphSdl } = compose(services);
    expect(errors).toBeUndefined();
    expect(warnings).toEqual([]);
    expect(supergraphSdl).toContain('type Project');
  });

  it('has the node of the other subgraph, and none of ours', () => {
    const { supergraphSdl = '' } = compose([ours, service('relay', relayStyle.sdl)]);
    const query = /type Query[\s\S]*?\n\}/.exec(supergraphSdl)?.[0] ?? '';
    expect(query).toMatch(/node\(id: ID!\): Node @join__field\(graph: RELAY\)/);
    expect(query).not.toContain('nodes(');
    expect(supergraphSdl).not.toMatch(/type Project[^{]*implements[^{]*Node/);
  });
});
