/** Everything that the published pages let a person read can be read through the graph. */

import { describe, expect, it } from 'vitest';
import type { Resource } from '../../src/sandbox/waldur/model.ts';
import { aGateway, type TestGateway } from '../a-gateway.ts';
import {
  allocationColumns,
  type Column,
  securityGroupColumns,
  serverGroupColumns,
} from './columns.ts';
import {
  allocationParameters,
  type Parameter,
  publishedColumns,
  publishedParameters,
  securityGroupParameters,
  serverGroupParameters,
} from './parameters.ts';

interface Page {
  readonly list: 'securityGroups' | 'serverGroups' | 'allocations';
  readonly one: string;
  readonly type: string;
  readonly columns: readonly Column<Resource>[];
  readonly parameters: readonly Parameter<Resource>[];
}

// Rows of a page only ever meet that page's own table.
const pages = [
  {
    list: 'securityGroups',
    one: 'securityGroup',
    type: 'SecurityGroup',
    columns: securityGroupColumns,
    parameters: securityGroupParameters,
  },
  {
    list: 'serverGroups',
    one: 'serverGroup',
    type: 'ServerGroup',
    columns: serverGroupColumns,
    parameters: serverGroupParameters,
  },
  {
    list: 'allocations',
    one: 'allocation',
    type: 'Allocation',
    columns: allocationColumns,
    parameters: allocationParameters,
  },
] as unknown as readonly Page[];

const rowsOf = (gateway: TestGateway, { list }: Page): readonly Resource[] =>
  [...gateway.sandbox.waldur.world[list]].sort((one, other) =>
    one.created < other.created ? -1 : 1,
  );

/** `tenant { url }` of `{ tenant: { url: 1 } }` is 1; lists are followed entry by entry. */
function follow(value: unknown, names: readonly string[]): unknown {
  if (Array.isArray(value)) {
    return value.map((entry) => follow(entry, names));
  }
  const [name, ...rest] = names;
  return name === undefined || value === null || value === undefined
    ? value
    : follow((value as Record<string, unknown>)[name], rest);
}

const namesIn = (selection: string) => selection.match(/\w+/g) ?? [];

describe.each(pages)('The page of $list', (page) => {
  const { list, one, columns, parameters } = page;

  it('has all its columns and parameters here', () => {
    expect(new Set(columns.map(({ column }) => column))).toEqual(new Set(publishedColumns[list]));
    expect(new Set(parameters.map(({ parameter }) => parameter))).toEqual(
      new Set(publishedParameters[list]),
    );
  });

  it.each(columns)('shows the column $column as $selection', async ({ selection, holds }) => {
    const gateway = await aGateway();
    const rows = rowsOf(gateway, page);
    const origin = gateway.sandbox.waldur.server.url;
    const names = namesIn(selection);
    const { data, errors } = await gateway.run(
      `{ ${list}(first: 300) { nodes { ${selection} } } }`,
    );
    expect(errors).toBeUndefined();
    expect(follow(data[list].nodes, names)).toEqual(
      rows.slice(0, 300).map((row) => holds(row, origin)),
    );
    const [row] = rows.slice(7);
    const detail = await gateway.run(`{ ${one}(uuid: "${row?.uuid}") { ${selection} } }`);
    expect(follow(detail.data[one], names)).toEqual(row && holds(row, origin));
  });

  it.each(parameters)('takes the parameter $parameter', async ({ filter, keeps }) => {
    const gateway = await aGateway();
    const rows = rowsOf(gateway, page);
    // One whose owner has every kind of name.
    const sought = rows.find(
      ({ description, backendId, project: { customer } }) =>
        description !== '' &&
        backendId &&
        customer.nativeName !== '' &&
        customer.abbreviation !== '',
    ) as Resource;
    const { data, errors } = await gateway.run(
      `query Q($filter: ${page.type}Filter) { ${list}(first: 300, filter: $filter) { totalCount nodes { uuid } } }`,
      { variables: { filter: filter(sought) } },
    );
    const kept = rows.filter((row) => keeps(row, sought)).map(({ uuid }) => uuid);
    expect(errors).toBeUndefined();
    expect(data[list].totalCount).toBe(kept.length);
    expect(data[list].nodes.map(({ uuid }: { uuid: string }) => uuid)).toEqual(kept.slice(0, 300));
  });

  it('keeps for can_manage what the caller manages', async () => {
    const gateway = await aGateway();
    const query = `{ ${list}(filter: { canManage: true }) { totalCount } all: ${list} { totalCount } }`;
    const owner = await gateway.run(query, { as: 'owner' });
    expect(owner.data[list].totalCount).toBe(owner.data.all.totalCount);
    expect((await gateway.run(query, { as: 'member' })).data[list].totalCount).toBe(0);
    const unfiltered = `{ ${list}(filter: { canManage: false }) { totalCount } }`;
    const member = await gateway.run(unfiltered, { as: 'member' });
    expect(member.data[list].totalCount).toBe(
      (await gateway.run(query, { as: 'member' })).data.all.totalCount,
    );
  });

  it('answers a uuid by the detail endpoint, together with other inputs', async () => {
    const gateway = await aGateway();
    const [row] = rowsOf(gateway, page);
    const other = row?.state === 'OK' ? 'ERRED' : 'OK';
    const { answer, waldur } = await gateway.calls(
      `{ hit: ${list}(filter: { uuid: "${row?.uuid}", state: [${row?.state}] }) { totalCount nodes { uuid } }
         miss: ${list}(filter: { uuid: "${row?.uuid}", state: [${other}] }) { totalCount nodes { uuid } } }`,
    );
    expect(answer.data).toEqual({
      hit: { totalCount: 1, nodes: [{ uuid: row?.uuid }] },
      miss: { totalCount: 0, nodes: [] },
    });
    expect(waldur.every(({ path }) => path.endsWith(`/${row?.uuid}/`))).toBe(true);
  });

  it.each([
    'NAME',
    'STATE',
    'CREATED',
    'CUSTOMER_NAME',
    'CUSTOMER_NATIVE_NAME',
    'CUSTOMER_ABBREVIATION',
    'PROJECT_NAME',
    'SERVICE_NAME',
  ])('can be ordered by %s, both ways', async (field) => {
    const gateway = await aGateway();
    const shown = {
      NAME: 'name',
      STATE: 'state',
      CREATED: 'created',
      CUSTOMER_NAME: 'customer { name }',
      CUSTOMER_NATIVE_NAME: 'customer { nativeName }',
      CUSTOMER_ABBREVIATION: 'customer { abbreviation }',
      PROJECT_NAME: 'project { name }',
      SERVICE_NAME: 'serviceSettings { name }',
    }[field] as string;
    const ask = async (window: string, direction: string) => {
      const { data, errors } = await gateway.run(
        `{ ${list}(${window}, filter: { state: [OK, ERRED] }, orderBy: [{ field: ${field}, direction: ${direction} }]) { nodes { ${shown} } } }`,
      );
      expect(errors).toBeUndefined();
      const values = follow(data[list].nodes, namesIn(shown)) as (string | null)[];
      return values.map((text) => text ?? '');
    };
    const up = await ask('first: 300', 'ASC');
    const sorted = [...up].sort((a, b) =>
      // Waldur numbers its states: OK comes before ERRED.
      field === 'STATE' ? b.localeCompare(a) : a < b ? -1 : a > b ? 1 : 0,
    );
    expect(up.length).toBeGreaterThan(30);
    expect(up).toEqual(sorted);
    expect(await ask('first: 1', 'DESC')).toEqual(await ask('last: 1', 'ASC'));
  });
});
