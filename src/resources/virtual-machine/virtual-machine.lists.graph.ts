/** Where machines are looked for: by name, in a datacenter, and below their owners in Waldur. */

import { builder } from '../../graph/builder.ts';
import { inputError } from '../../graph/input-error.ts';
import { pageOf, sortDirection } from '../../graph/listing.ts';
import { connectionOf, pageArgs, sized } from '../../graph/paging.ts';
import { CustomerRef } from '../customer/customer.graph.ts';
import { DatacenterRef, datacenterName } from '../datacenter/datacenter.graph.ts';
import { ProjectRef } from '../project/project.graph.ts';
import { TenantRef } from '../tenant/tenant.graph.ts';
import { virtualMachine, virtualMachines } from './virtual-machine.access.ts';
import { hostnameOrUuid } from './virtual-machine.check.ts';
import { VirtualMachineRef, VirtualMachineStatusRef } from './virtual-machine.graph.ts';
import type { VirtualMachineFilter } from './virtual-machine.model.ts';

const VirtualMachineConnectionRef = connectionOf(
  VirtualMachineRef,
  'VirtualMachine',
  'Danube does not count: it costs the whole list, a call for each datacenter.',
);

const VirtualMachineOrderFieldRef = builder.enumType('VirtualMachineOrderField', {
  description: 'What machines can be ordered by.',
  values: { HOSTNAME: { description: 'Their hostname.' } },
});

const VirtualMachineOrderRef = builder.inputType('VirtualMachineOrder', {
  description: 'The order; equals are ordered by datacenter.',
  fields: (t) => ({
    field: t.field({
      type: VirtualMachineOrderFieldRef,
      required: true,
      description: 'What to compare.',
    }),
    direction: t.field(sortDirection),
  }),
});

const VirtualMachineFilterRef = builder
  .inputRef<VirtualMachineFilter>('VirtualMachineFilter')
  .implement({
    description: 'All that is given has to hold; null and empty texts do not filter.',
    fields: (t) => ({
      hostname: t.string({ description: 'Part of the hostname, in any case.' }),
      owner: t.string({ description: "The owner's whole user name." }),
      tag: t.string({ description: 'Has this whole tag.' }),
      status: t.field({
        type: [VirtualMachineStatusRef],
        description: 'Does one of these; none match an empty list.',
      }),
      project: t.field({ type: 'UUID', description: 'Tagged with this project.' }),
      customer: t.field({ type: 'UUID', description: 'Tagged with this customer.' }),
      tenant: t.field({ type: 'UUID', description: 'Tagged with this tenant.' }),
    }),
  });

const listArgs = (arg: Parameters<typeof pageArgs>[0]) => ({
  ...pageArgs(arg),
  filter: arg({ type: VirtualMachineFilterRef, description: 'Which of them; null = all.' }),
  orderBy: arg({ type: [VirtualMachineOrderRef], description: 'Null = by hostname.' }),
});

const datacenterArg = (arg: Parameters<typeof pageArgs>[0], description: string) =>
  arg.string({ description });

const activeArg = (arg: Parameters<typeof pageArgs>[0]) =>
  arg.boolean({
    defaultValue: false,
    description: 'As last deployed to the compute node, rather than as defined; null = false.',
  });

/** Danube puts the name into a parameter; anything that cannot be one is refused here. */
function checkedDatacenter(datacenter: string | null | undefined): string | null {
  if (datacenter === null || datacenter === undefined) {
    return null;
  }
  if (!datacenterName.test(datacenter)) {
    throw inputError(['datacenter'], 'is not a name of a datacenter');
  }
  return datacenter;
}

builder.queryFields((t) => ({
  virtualMachines: t.field({
    type: VirtualMachineConnectionRef,
    nullable: true,
    ...sized,
    description: 'The machines that the caller sees, by hostname.',
    args: {
      datacenter: datacenterArg(t.arg, 'Null = every datacenter that the caller may enter.'),
      active: activeArg(t.arg),
      ...listArgs(t.arg),
    },
    resolve: (_root, args, { session }, info) => {
      const datacenter = checkedDatacenter(args.datacenter);
      const active = args.active === true;
      return pageOf(`virtualMachines in ${datacenter} ${active}`, args, info, (listing) =>
        virtualMachines(session, { ...listing, datacenter, active }),
      );
    },
  }),
  virtualMachine: t.field({
    type: VirtualMachineRef,
    nullable: true,
    description:
      'One machine by exactly one of hostname and uuid; null when the datacenter has none, or the caller may not see it.',
    args: {
      hostname: t.arg.string({ description: 'Its full name; null where uuid is given.' }),
      uuid: t.arg({
        type: 'UUID',
        description: "Danube's identifier; null where hostname is given.",
      }),
      datacenter: datacenterArg(t.arg, 'Null = the configured default.'),
      active: activeArg(t.arg),
    },
    resolve: (_root, { hostname, uuid, datacenter, active }, { session }) => {
      const name = hostname ?? uuid;
      if (name === null || name === undefined || (hostname && uuid)) {
        throw inputError(['hostname'], 'exactly one of hostname and uuid is needed');
      }
      if (!hostnameOrUuid.test(name)) {
        throw inputError(['hostname'], 'is not a hostname');
      }
      return virtualMachine(session, name, checkedDatacenter(datacenter), active === true);
    },
  }),
}));

builder.objectField(DatacenterRef, 'virtualMachines', (t) =>
  t.field({
    type: VirtualMachineConnectionRef,
    nullable: true,
    ...sized,
    description: 'The machines in it that the caller sees, by hostname.',
    args: listArgs(t.arg),
    extensions: { needs: ['name'] },
    resolve: async (datacenter, args, { session }, info) => {
      const name = await datacenter.get('name');
      return pageOf(`virtualMachines in ${name} false`, args, info, (listing) =>
        virtualMachines(session, { ...listing, datacenter: name, active: false }),
      );
    },
  }),
);

builder.objectField(CustomerRef, 'virtualMachines', (t) =>
  t.field({
    type: VirtualMachineConnectionRef,
    nullable: true,
    ...sized,
    description: 'The machines tagged with the customer that the caller sees, by hostname.',
    args: listArgs(t.arg),
    resolve: ({ key }, args, { session }, info) =>
      pageOf(`virtualMachines of ${key}`, args, info, (listing) =>
        virtualMachines(session, { ...everywhere, ...listing, within: { customer: key } }),
      ),
  }),
);

builder.objectField(ProjectRef, 'virtualMachines', (t) =>
  t.field({
    type: VirtualMachineConnectionRef,
    nullable: true,
    ...sized,
    description: 'The machines tagged with the project that the caller sees, by hostname.',
    args: listArgs(t.arg),
    resolve: ({ key }, args, { session }, info) =>
      pageOf(`virtualMachines of ${key}`, args, info, (listing) =>
        virtualMachines(session, { ...everywhere, ...listing, within: { project: key } }),
      ),
  }),
);

builder.objectField(TenantRef, 'virtualMachines', (t) =>
  t.field({
    type: VirtualMachineConnectionRef,
    nullable: true,
    ...sized,
    description: 'The machines tagged with the tenant that the caller sees, by hostname.',
    args: listArgs(t.arg),
    resolve: ({ key }, args, { session }, info) =>
      pageOf(`virtualMachines of ${key}`, args, info, (listing) =>
        virtualMachines(session, { ...everywhere, ...listing, within: { tenant: key } }),
      ),
  }),
);

const everywhere = { datacenter: null, active: false };
