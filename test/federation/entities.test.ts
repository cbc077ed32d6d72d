/** `_entities` and `_service`, as the gateway of a larger graph asks for them. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printPublished } from '../../src/graph/supergraph.ts';
import { schema } from '../../src/schema.ts';
import { aGateway, type RunOptions, type TestGateway } from '../a-gateway.ts';

type Reference = Readonly<Record<string, unknown>>;

const entities = (
  gateway: TestGateway,
  representations: readonly Reference[],
  selection: string,
  options: RunOptions = {},
) =>
  gateway.calls(
    `query Q($representations: [_Any!]!) { _entities(representations: $representations) { __typename ${selection} } }`,
    { ...options, variables: { representations } },
  );

const dashed = (uuid: string) => uuid.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');

const lists = {
  Customer: 'customers',
  Project: 'projects',
  Tenant: 'tenants',
  SecurityGroup: 'securityGroups',
  ServerGroup: 'serverGroups',
  Allocation: 'allocations',
} as const;

describe('_service', () => {
  it('has the published text, which is the file, without what this graph has to itself', async () => {
    const gateway = await aGateway();
    const { data } = await gateway.run('{ _service { sdl } }');
    expect(data._service.sdl).toBe(printPublished(schema));
    expect(data._service.sdl).not.toMatch(/(implements|&|interface) Node\b|^ {2}nodes?\(/m);
    expect(data._service.sdl).not.toMatch(
      /^ {2}(search|problems)\(|(Search\w+|Problems?|Remedy) /m,
    );
  });
});

describe('_entities', () => {
  it.each(Object.entries(lists))(
    'finds a %s by uuid, with and without dashes',
    async (type, list) => {
      const gateway = await aGateway();
      const [row, other] = gateway.sandbox.waldur.world[list];
      const { answer, waldur } = await entities(
        gateway,
        [
          { __typename: type, uuid: row?.uuid },
          { __typename: type, uuid: dashed(other?.uuid ?? '').toUpperCase() },
          { __typename: type, uuid: dashed(row?.uuid ?? '') },
        ],
        `... on ${type} { uuid name }`,
      );
      expect(answer).toEqual({
        data: {
          _entities: [row, other, row].map((one) => ({
            __typename: type,
            uuid: one?.uuid,
            name: one?.name,
          })),
        },
      });
      // Three references, two things: a detail each.
      expect(waldur).toHaveLength(2);
    },
  );

  it('finds machines by uuid and by hostname in any datacenter, as one', async () => {
    const gateway = await aGateway();
    const { machines } = gateway.sandbox.danube.world;
    const some = machines.slice(0, 12);
    const { answer, danube } = await entities(
      gateway,
      some.flatMap(({ uuid, hostname }) => [
        { __typename: 'VirtualMachine', uuid: uuid.replaceAll('-', '') },
        { __typename: 'VirtualMachine', hostname },
      ]),
      '... on VirtualMachine { uuid hostname datacenter { name } }',
    );
    expect(answer.errors).toBeUndefined();
    expect(answer.data._entities).toEqual(
      some.flatMap(({ uuid, hostname, datacenter }) => {
        const shown = {
          __typename: 'VirtualMachine',
          uuid,
          hostname,
          datacenter: { name: datacenter.name },
        };
        return [shown, shown];
      }),
    );
    // The datacenters, and the machines of each.
    expect(danube.length).toBeLessThanOrEqual(1 + 3);
  });

  it('finds datacenters by name and tasks by id', async () => {
    const gateway = await aGateway();
    const { datacenters, tasks } = gateway.sandbox.danube.world;
    const [task] = [...tasks.values()].filter(({ id }) => id.includes('e'));
    const { answer } = await entities(
      gateway,
      [
        { __typename: 'Datacenter', name: datacenters[0]?.name },
        { __typename: 'Task', taskId: task?.id },
      ],
      '... on Datacenter { name } ... on Task { taskId }',
    );
    expect(answer.data._entities).toEqual([
      { __typename: 'Datacenter', name: datacenters[0]?.name },
      { __typename: 'Task', taskId: task?.id },
    ]);
  });

  it('nulls the place of each that cannot be found, with the reason and its path', async () => {
    const gateway = await aGateway();
    const [project] = gateway.sandbox.waldur.world.projects;
    const good = { __typename: 'Project', uuid: project?.uuid };
    const bad: [Reference, string][] = [
      [{ __typename: 'Project', uuid: '0'.repeat(32) }, 'NOT_FOUND'],
      [{ __typename: 'Project', uuid: 'nonsense' }, 'BAD_USER_INPUT'],
      [{ __typename: 'Project', uuid: 5 }, 'BAD_USER_INPUT'],
      [{ __typename: 'Project' }, 'BAD_USER_INPUT'],
      [{ __typename: 'Nothing', uuid: project?.uuid }, 'BAD_USER_INPUT'],
      [{ __typename: 'Quota', name: 'ram' }, 'BAD_USER_INPUT'],
      [{ uuid: project?.uuid }, 'BAD_USER_INPUT'],
      [{ __typename: 'Tenant', uuid: project?.uuid }, 'NOT_FOUND'],
      [{ __typename: 'Datacenter', name: '../main' }, 'BAD_USER_INPUT'],
      [{ __typename: 'Task', taskId: 'x' }, 'BAD_USER_INPUT'],
      [{ __typename: 'VirtualMachine', hostname: 'no such host' }, 'BAD_USER_INPUT'],
      [{ __typename: 'VirtualMachine', hostname: 'nobody.lan' }, 'NOT_FOUND'],
    ];
    const { answer } = await entities(
      gateway,
      [good, ...bad.map(([reference]) => reference), good],
      '... on Project { name }',
    );
    const shown = { __typename: 'Project', name: project?.name };
    expect(answer.data._entities).toEqual([shown, ...bad.map(() => null), shown]);
    const codes = new Map(
      answer.errors?.map(({ path, extensions }) => [path?.join('.'), extensions.code]),
    );
    expect(codes).toEqual(new Map(bad.map(([, code], index) => [`_entities.${index + 1}`, code])));
  });

  it('is about what the caller may see', async () => {
    const gateway = await aGateway();
    const { projects, users } = gateway.sandbox.waldur.world;
    const own = users.find(({ username }) => username === 'member')?.roles[0]?.scope;
    const other = projects.find(
      ({ customer }) => own && 'customer' in own && customer !== own.customer,
    );
    const { answer } = await entities(
      gateway,
      [own, other].map((one) => ({ __typename: 'Project', uuid: one?.uuid })),
      '... on Project { name }',
      { as: 'member' },
    );
    expect(answer.data._entities).toEqual([{ __typename: 'Project', name: own?.name }, null]);
    expect(answer.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
  });

  it('plans a hundred references as one demand, and mixed types side by side', async () => {
    const gateway = await aGateway({ sizes: { projects: 120, tenants: 60 } });
    const { projects, tenants } = gateway.sandbox.waldur.world;
    const { waldur } = await entities(
      gateway,
      [
        ...projects.slice(0, 100).map(({ uuid }) => ({ __typename: 'Project', uuid })),
        ...tenants.map(({ uuid }) => ({ __typename: 'Tenant', uuid })),
      ],
      '... on Project { description } ... on Tenant { name quotas { name } }',
    );
    expect(waldur).toHaveLength(2);
  });

  it('takes as many references as the setting allows, and says so', async () => {
    const gateway = await aGateway({ env: { MAX_REFERENCES: '3' } });
    const [project] = gateway.sandbox.waldur.world.projects;
    const of = (count: number) =>
      Array.from({ length: count }, () => ({ __typename: 'Project', uuid: project?.uuid }));
    const { answer, waldur } = await entities(gateway, of(4), '... on Project { name }');
    expect(waldur).toEqual([]);
    expect(answer.errors?.[0]).toMatchObject({
      message: 'representations: must be at most 3 in one operation',
      extensions: { code: 'BAD_USER_INPUT', argument: ['representations'] },
    });
    expect(
      (await entities(gateway, of(3), '... on Project { name }')).answer.errors,
    ).toBeUndefined();
  });

  it('counts the references of all fields of an operation', async () => {
    const gateway = await aGateway({ env: { MAX_REFERENCES: '3' } });
    const references = gateway.sandbox.waldur.world.projects
      .slice(0, 2)
      .map(({ uuid }) => ({ __typename: 'Project', uuid }));
    const { data, errors } = await gateway.run(
      `query Q($two: [_Any!]!) {
        a: _entities(representations: $two) { ... on Project { uuid } }
        b: _entities(representations: $two) { ... on Project { uuid } }
      }`,
      { variables: { two: references } },
    );
    expect(data).toBeNull();
    expect(errors?.map(({ path }) => path)).toEqual([['b']]);
  });

  it('answers random references as single look-ups would, in their order', {
    timeout: 60_000,
  }, async () => {
    const gateway = await aGateway({ sizes: { projects: 12, tenants: 12, securityGroups: 40 } });
    const { world } = gateway.sandbox.waldur;
    const types = ['Project', 'Tenant', 'SecurityGroup'] as const;
    const one = { Project: 'project', Tenant: 'tenant', SecurityGroup: 'securityGroup' };
    const uuids = types.flatMap((type) => world[lists[type]].map(({ uuid }) => uuid));
    const anyReference = fc.record({
      __typename: fc.constantFrom(...types),
      uuid: fc.oneof(
        { weight: 8, arbitrary: fc.constantFrom(...uuids) },
        fc.constantFrom('0'.repeat(32), 'nonsense', ''),
      ),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(anyReference, { maxLength: 40 }), async (references) => {
        const { answer } = await entities(
          gateway,
          references,
          types.map((type) => `... on ${type} { uuid name }`).join(' '),
        );
        const alone = await Promise.all(
          references.map(async ({ __typename, uuid }) => {
            const field = one[__typename];
            const { data } = await gateway.run(`{ ${field}(uuid: "${uuid}") { uuid name } }`);
            return data?.[field] ? { __typename, ...data[field] } : null;
          }),
        );
        expect(answer.data._entities).toEqual(alone);
        const places = answer.errors?.map(({ path }) => path?.[1]).sort() ?? [];
        const empty = alone.flatMap((found, index) => (found === null ? [index] : [])).sort();
        expect(places).toEqual(empty);
      }),
      { numRuns: 60 },
    );
  });
});
