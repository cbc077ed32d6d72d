/** Larger graphs: ours and a neighbour's behind real gateways. */

import { describe, expect, it } from 'vitest';
import { aGateway, type CallerName, type TestGateway } from '../a-gateway.ts';
import { aRouter, routerNames } from './routers.ts';

async function aLargerGraph(name: string) {
  const gateway = await aGateway({ sizes: { customers: 20, projects: 120, tenants: 50 } });
  const { world } = gateway.sandbox.waldur;
  const projects = world.projects.filter(({ isRemoved }) => !isRemoved).slice(0, 100);
  const run = await aRouter(name, gateway, {
    projects: projects.map(({ uuid }) => uuid),
    tenants: world.tenants.map(({ uuid }) => uuid),
  });
  const as = (caller: CallerName) => {
    const { waldurToken, danubeApiKey } = gateway.sandbox.callers[caller];
    return { authorization: `Token ${waldurToken}`, 'x-danube-api-key': danubeApiKey };
  };
  return { gateway, world, projects, run, as };
}

/** The calls that something made to Waldur. */
async function callsOf<T>({ sandbox }: TestGateway, act: () => Promise<T>) {
  sandbox.waldur.server.forgetCalls();
  const answer = await act();
  return { answer, calls: [...sandbox.waldur.server.calls] };
}

describe.each(routerNames)('Behind %s', (name) => {
  it('things of ours are found by reference, a hundred in the calls of one plan', async () => {
    const { gateway, projects, run, as } = await aLargerGraph(name);
    const { answer, calls } = await callsOf(gateway, () =>
      run('{ invoices { number project { name description } } }', as('staff')),
    );
    expect(answer.errors).toBeUndefined();
    expect(answer.data.invoices).toEqual(
      projects.map((project, at) => ({
        number: at + 1,
        project: { name: project.name, description: project.description },
      })),
    );
    expect(calls).toHaveLength(1);
  });

  it('mixed types are planned side by side', async () => {
    const { gateway, world, run, as } = await aLargerGraph(name);
    const { answer, calls } = await callsOf(gateway, () =>
      run('{ invoices { project { name } tenant { name costCentre } } }', as('staff')),
    );
    expect(answer.errors).toBeUndefined();
    expect(answer.data.invoices[3].tenant).toEqual({
      name: world.tenants[3]?.name,
      costCentre: `CC-${world.tenants[3]?.uuid.slice(0, 4)}`,
    });
    expect(calls.length).toBeLessThanOrEqual(2);
  });

  it('the neighbour extends what ours lists, from fields of ours', async () => {
    const { run, as } = await aLargerGraph(name);
    const { data, errors } = await run(
      '{ projects(first: 3) { nodes { name monthlyPrice invoiceTitle } } }',
      as('staff'),
    );
    expect(errors).toBeUndefined();
    for (const node of data.projects.nodes) {
      expect(node.invoiceTitle).toBe(`Invoice for ${node.name}`);
      expect(node.monthlyPrice).toBeGreaterThanOrEqual(99);
    }
  });

  it('goes there and back again', async () => {
    const { projects, run, as } = await aLargerGraph(name);
    const { data, errors } = await run(
      '{ dearest { customer { name projects(first: 1) { totalCount nodes { monthlyPrice } } } } }',
      as('staff'),
    );
    expect(errors).toBeUndefined();
    expect(data.dearest.customer.name).toBe(projects[0]?.customer.name);
    expect(data.dearest.customer.projects.nodes[0].monthlyPrice).toEqual(expect.any(Number));
  });

  it('mutations change, and show the neighbour beside', async () => {
    const { world, run, as } = await aLargerGraph(name);
    const [allocation] = world.allocations;
    Object.assign(allocation ?? {}, { state: 'OK' });
    const { data, errors } = await run(
      `mutation { updateAllocation(input: { uuid: "${allocation?.uuid}", name: "renamed" }) {
        __typename ... on UpdateAllocationSuccess { allocation { name project { monthlyPrice } } }
      } }`,
      as('staff'),
    );
    expect(errors).toBeUndefined();
    expect(data.updateAllocation.allocation).toEqual({
      name: 'renamed',
      project: { monthlyPrice: expect.any(Number) },
    });
    expect(allocation?.name).toBe('renamed');
  });

  it('refusals are data', async () => {
    const { run, as } = await aLargerGraph(name);
    const { data } = await run(
      `mutation { deleteAllocation(uuid: "${'0'.repeat(32)}") { __typename ... on NotFound { code } } }`,
      as('staff'),
    );
    expect(data.deleteAllocation).toEqual({ __typename: 'NotFound', code: 'NOT_FOUND' });
  });

  it('credentials are passed on: what a caller may not see is an error with its path', async () => {
    const { projects, run, as } = await aLargerGraph(name);
    const { data, errors } = await run('{ invoices { number project { name } } }', as('owner'));
    const seen = projects.filter(({ customer }) => customer === projects[0]?.customer);
    // A project is not null, so an invoice for one that is hidden takes the list with it.
    expect(data?.invoices ?? null).toBeNull();
    expect(seen.length).toBeLessThan(projects.length);
    const hidden = projects.findIndex(({ customer }) => customer !== projects[0]?.customer);
    expect(errors).toContainEqual(
      expect.objectContaining({
        path: expect.arrayContaining(['invoices', hidden, 'project']),
        extensions: expect.objectContaining({ code: 'NOT_FOUND' }),
      }),
    );
    const nobody = await run('{ projects { totalCount } }', {});
    expect(nobody.errors?.[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED' });
  });
});
