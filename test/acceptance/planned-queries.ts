/** Queries whose calls are promised; docs/planning.md shows them by these titles. */

import type { WaldurWorld } from '../../src/sandbox/waldur/model.ts';

export interface PlannedQuery {
  readonly title: string;
  readonly query: (world: WaldurWorld) => string;
  /** Calls on 1,000 security groups. */
  readonly most: number;
  /** Calls on 100,000, by the owners or references in the query. */
  readonly mostOfMany: number;
}

const idOf = (type: string, uuid: string) => Buffer.from(`1:${type}:${uuid}`).toString('base64url');

const byId = (type: string, rows: readonly { readonly uuid: string }[], selection: string) =>
  `{ nodes(ids: ${JSON.stringify(rows.map(({ uuid }) => idOf(type, uuid)))}) { ... on ${type} { ${selection} } } }`;

/** A hundred from all over the collection. */
const spread = <T>(rows: readonly T[]): T[] =>
  rows.filter((_row, at) => at % Math.ceil(rows.length / 100) === 0).slice(0, 100);

export const plannedQueries: readonly PlannedQuery[] = [
  {
    title: '50 security groups with the names of project, customer and tenant',
    query: () =>
      '{ securityGroups(first: 50) { nodes { name project { uuid name } customer { uuid name } tenant { uuid name } } } }',
    most: 1,
    mostOfMany: 1,
  },
  {
    title: '50 with description of project and email of customer',
    query: () =>
      '{ securityGroups(first: 50) { nodes { project { description created } customer { email } } } }',
    most: 3,
    mostOfMany: 3,
  },
  {
    title: '50 with the quotas of their tenants',
    query: () =>
      '{ securityGroups(first: 50) { nodes { tenant { quotas { name usage limit } } } } }',
    most: 2,
    mostOfMany: 2,
  },
  {
    title: '20 projects with their first 5 security groups and how many there are',
    query: () =>
      '{ projects(first: 20) { nodes { name securityGroups(first: 5) { totalCount nodes { name } } } } }',
    most: 5,
    mostOfMany: 22,
  },
  {
    title: '20 customers with their projects',
    query: () =>
      '{ customers(first: 20) { nodes { name projects(first: 100) { nodes { name description } } } } }',
    most: 2,
    mostOfMany: 2,
  },
  {
    title: '100 security groups by id',
    query: ({ securityGroups }) => byId('SecurityGroup', spread(securityGroups), 'name state'),
    most: 4,
    mostOfMany: 101,
  },
  {
    title: '100 projects by id',
    query: ({ projects }) =>
      byId(
        'Project',
        projects.filter(({ isRemoved }) => !isRemoved).slice(0, 100),
        'name description',
      ),
    most: 1,
    mostOfMany: 1,
  },
  {
    title: "30 tenants with the tenants of their security groups' remote groups",
    query: () =>
      '{ tenants(first: 30) { nodes { name securityGroups { nodes { name rules { remoteGroup { tenant { name } } } } } } } }',
    most: 6,
    // 30 lists, and the remote groups of 600 that are in none of them.
    mostOfMany: 600,
  },
  {
    title: 'one security group under 5 aliases',
    query: ({ securityGroups: [group] }) =>
      `{ ${['name', 'state', 'rules { protocol }', 'project { name }', 'tenant { name }']
        .map((selection, at) => `a${at}: securityGroup(uuid: "${group?.uuid}") { ${selection} }`)
        .join(' ')} }`,
    most: 1,
    mostOfMany: 1,
  },
];
