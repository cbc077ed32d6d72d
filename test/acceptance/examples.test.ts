/** The queries that people are shown: each is answered whole, and selection analysis misses nothing. */

import { readdirSync } from 'node:fs';
import { type OperationDefinitionNode, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { examplesWith } from '../../src/edge/explorer/examples.ts';
import { openClock } from '../../src/sandbox/clock.ts';
import { tourOf } from '../../src/sandbox/tour.ts';
import { aGateway } from '../a-gateway.ts';
import { allPages } from '../pages/pages.ts';

const inPages = [...allPages.matchAll(/"query": "(\{[^"]+)"/g)].map(([, query]) => query ?? '');

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

const operationsOf = (query: string) =>
  parse(query).definitions.filter(
    ({ kind }) => kind === 'OperationDefinition',
  ) as readonly OperationDefinitionNode[];

/** What each step has to answer with, beside no error. */
const outcomes: Readonly<Record<string, RegExp>> = {
  WhoOwnsWhat: /"totalCount":400/,
  OpenToTheWorld: /"cidr":"0\.0\.0\.0\/0"/,
  WhatHasErred: /"message":"\w.*"mutation":"\w/,
  FindAnything: /"totalCount":[1-9].*"status":"RUNNING"/,
  AWholeProject: /"virtualMachines":\{"totalCount":[1-9]/,
  MachineToDeploy: /"virtualMachine":null/,
  DeployMachine: /"settled":false,"virtualMachine":\{"hostname":"first-steps.lan"/,
  FollowMachine: /"status":"RUNNING".*\s+event: complete/,
  DestroyMachine: /"settled":true/,
  PortToOpen: /"rules":\[\{"ruleId":1,/,
  TryOpenPort: /"dryRun":true.*"added":\[[^\]]*8443.*"removed":\[\],"kept":\[\{/,
  OpenPort: /"settled":true.*"fromPort":8443/,
  ClosePort: /"settled":true.*"added":\[\],"removed":\[[^\]]*8443[^\]]*\],"kept":\[\{/,
};

const fastPace = {
  POLL_FIRST_MS: '2',
  POLL_LEAST_MS: '1',
  POLL_MOST_MS: '3',
  WATCH_LEAST_MS: '2',
  WATCH_MOST_MS: '5',
};

describe('Example queries', () => {
  it('are there', () => {
    expect(inPages.length).toBeGreaterThan(0);
  });

  it.each([...inPages, ...winding])('are answered whole: %s', async (query) => {
    const gateway = await aGateway();
    const { data } = await gateway.run('{ securityGroups(first: 1) { nodes { id } } }');
    const answer = await gateway.run(query.replace('@group', data.securityGroups.nodes[0].id));
    expect(answer.errors).toBeUndefined();
    const line = gateway.logged.findLast((one) => one.includes('"operation"')) ?? '{}';
    expect(JSON.parse(line)).toMatchObject({ msg: 'operation', errors: 0 });
    expect(JSON.parse(line)).not.toHaveProperty('topUps');
  });

  const titles = examplesWith({}).map(({ query }) => operationsOf(query)[0]?.name?.value ?? '');

  it('of GraphiQL are a tab for each task', () => {
    const folder = new URL('../../src/edge/explorer/examples/', import.meta.url);
    expect(titles).toHaveLength(readdirSync(folder).length);
    expect(titles).toEqual([
      'WhoOwnsWhat',
      'OpenToTheWorld',
      'WhatHasErred',
      'FindAnything',
      'AWholeProject',
      'MachineToDeploy',
      'PortToOpen',
    ]);
  });

  it('of GraphiQL begin with a query where there are several steps, so that none runs unasked', () => {
    const several = examplesWith({}).filter(({ query }) => operationsOf(query).length > 1);
    expect(several.length).toBeGreaterThan(0);
    for (const { query } of several) {
      expect(operationsOf(query)[0]).toMatchObject({ operation: 'query', loc: { start: 0 } });
    }
  });

  it.each(titles)('of GraphiQL do what they say, step by step: %s', async (title) => {
    const clock = openClock(Date.parse('2026-11-21T12:00:00Z'));
    const gateway = await aGateway({ clock, env: fastPace });
    for (const { server } of [gateway.sandbox.waldur, gateway.sandbox.danube]) {
      server.inject({
        fault: { kind: 'delay', delayMs: 0 },
        when: ({ method }) => {
          clock.advance(method === 'GET' ? 1_000 : 0);
          return false;
        },
      });
    }
    const tab = examplesWith(tourOf(gateway.sandbox).variables)[titles.indexOf(title)];
    const { query, variables = '{}' } = tab ?? { query: '' };
    for (const operation of operationsOf(query)) {
      const response = await gateway.request({
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          ...tourOf(gateway.sandbox).headers,
        },
        body: JSON.stringify({
          query,
          operationName: operation.name?.value,
          variables: JSON.parse(variables),
        }),
      });
      const text = await response.text();
      expect(text, operation.name?.value).toMatch(outcomes[operation.name?.value ?? ''] ?? /$^/);
      expect(text).not.toMatch(/"errors"|"code"/);
    }
    const lines = gateway.logged.filter((one) => one.includes('"operation"'));
    expect(lines.flatMap((line) => JSON.parse(line).topUps ?? [])).toEqual([]);
  });

  it('of GraphiQL change nothing where they do not know the cloud', async () => {
    const gateway = await aGateway();
    for (const { query, variables = '{}' } of examplesWith({})) {
      for (const { operation, name } of operationsOf(query)) {
        if (operation === 'mutation') {
          const { waldur, danube, answer } = await gateway.calls(query, {
            operationName: name?.value ?? '',
            variables: JSON.parse(variables),
          });
          expect(JSON.stringify(answer), name?.value).toMatch(/"code"/);
          const writes = [...waldur, ...danube].filter(
            ({ method, status = 0 }) => method !== 'GET' && status < 300,
          );
          expect(writes).toEqual([]);
        }
      }
    }
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
