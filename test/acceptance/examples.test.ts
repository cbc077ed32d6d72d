/** The queries that people are shown: each is answered whole, and selection analysis misses nothing. */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { explorerOptions } from '../../src/edge/explorer.ts';
import { aGateway } from '../a-gateway.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const inReadme = [...readme.matchAll(/"query": "(\{[^"]+)"/g)].map(([, query]) => query ?? '');
const inExplorer = (explorerOptions({ headers: {} }).defaultTabs ?? []).map(
  ({ query }) => query ?? '',
);

/** Links inside links, interfaces, fragments and aliases: what analysis could miss. */
const winding = [
  `{ securityGroups(first: 30) { nodes { rules { remoteGroup { state tenant { project { customer { email } } } } } } } }`,
  `query Q { node(id: "@group") { ...R ... on SecurityGroup { tenant { quotas { name } project { startDate } } } } }
   fragment R on Resource { project { created customer { email country } } marketplace { planUuid } }`,
  `{ a: tenants(first: 3) { edges { node { serviceSettings { errorMessage } customer { phoneNumber } } } }
     b: tenants(first: 3) { nodes { inTransition project { endDate } } } }`,
  `{ virtualMachines(first: 30) { nodes { id project { customer { email } } tenant { availabilityZone } } } }`,
  `{ customers(first: 4) { nodes { projects(first: 2) { nodes { description allocations(first: 1) { nodes { nodeLimit project { created } } } } } } } }`,
];

describe('Example queries', () => {
  it('are there', () => {
    expect(inReadme.length).toBeGreaterThan(0);
    expect(inExplorer).toHaveLength(5);
  });

  it.each([...inReadme, ...inExplorer, ...winding])('are answered whole: %s', async (query) => {
    const gateway = await aGateway();
    const { data } = await gateway.run('{ securityGroups(first: 1) { nodes { id } } }');
    const answer = await gateway.run(query.replace('@group', data.securityGroups.nodes[0].id));
    expect(answer.errors).toBeUndefined();
    const line = gateway.logged.findLast((one) => one.includes('"operation"')) ?? '{}';
    expect(JSON.parse(line)).toMatchObject({ msg: 'operation', errors: 0, topUps: [] });
  });

  it('of a person who aliases everything get the same data', async () => {
    const gateway = await aGateway();
    const plain = await gateway.run('{ projects(first: 5) { nodes { name customer { email } } } }');
    const aliased = await gateway.run(
      '{ p: projects(first: 5) { n: nodes { a: name c: customer { e: email } } } }',
    );
    expect(
      aliased.data.p.n.map((node: { a: string; c: { e: string } }) => ({
        name: node.a,
        customer: { email: node.c.e },
      })),
    ).toEqual(plain.data.projects.nodes);
  });
});
