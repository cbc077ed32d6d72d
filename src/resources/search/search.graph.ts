/** Looking for anything, in all clouds at once. */

import { builder } from '../../graph/builder.ts';
import { inputError } from '../../graph/input-error.ts';
import { wantedAlong } from '../../graph/selection.ts';
import type { Row } from '../../rows/row.ts';
import type { Slice } from '../../rows/window.ts';
import { AllocationRef } from '../allocation/allocation.graph.ts';
import { CustomerRef } from '../customer/customer.graph.ts';
import { DatacenterRef } from '../datacenter/datacenter.graph.ts';
import { ProjectRef } from '../project/project.graph.ts';
import type { OverallState } from '../resource/resource.model.ts';
import { SecurityGroupRef } from '../security-group/security-group.graph.ts';
import { ServerGroupRef } from '../server-group/server-group.graph.ts';
import { TenantRef } from '../tenant/tenant.graph.ts';
import { VirtualMachineRef } from '../virtual-machine/virtual-machine.graph.ts';
import { search, searchable } from './search.access.ts';
import { type SearchType, type Sought, typeNames } from './search.model.ts';

const mostOfEach = 100;
const maxTextLength = 200;

export const SearchTypeRef = builder.enumType('SearchType', {
  description: 'What can be searched for.',
  values: {
    CUSTOMER: { description: 'Customers: by part of a name, or of the abbreviation or domain.' },
    PROJECT: { description: 'Projects: by part of their name.' },
    TENANT: { description: 'OpenStack tenants: by part of their name.' },
    SECURITY_GROUP: {
      description: 'OpenStack security groups: by part of their name or description.',
    },
    SERVER_GROUP: { description: 'OpenStack server groups: by part of their name.' },
    ALLOCATION: { description: 'OpenPortal allocations: by part of their name.' },
    DATACENTER: { description: 'Datacenters of Danube Cloud: by part of their name or alias.' },
    VIRTUAL_MACHINE: {
      description:
        'Machines of Danube Cloud: by part of their hostname or alias, or by a whole IP address.',
    },
  } satisfies Record<SearchType, object>,
});

const OverallStateRef = builder.enumType('OverallState', {
  description: 'Where something of either cloud is in its life, in words that both have.',
  values: {
    OK: { description: 'Settled: OK in Waldur; a machine that runs, stands still or is defined.' },
    ERRED: { description: 'ERRED in Waldur; a machine in ERROR.' },
    IN_TRANSITION: { description: 'An operation is scheduled or under way.' },
  } satisfies Record<OverallState, object>,
});

const SearchHitRef = builder.unionType('SearchHit', {
  description: 'Anything that a search can find.',
  types: [
    CustomerRef,
    ProjectRef,
    TenantRef,
    SecurityGroupRef,
    ServerGroupRef,
    AllocationRef,
    DatacenterRef,
    VirtualMachineRef,
  ],
  resolveType: (row) => (row as Row).noun?.name,
});

const SearchPageRef = builder.objectRef<Slice<object>>('SearchPage').implement({
  description: 'The first of what was found of one type.',
  fields: (t) => ({
    totalCount: t.int({
      description: 'How many there are in all; their own list has the others.',
      resolve: ({ total }) => total,
    }),
    nodes: t.field({
      type: [SearchHitRef],
      description: "Waldur's by creation, machines by hostname, datacenters by name.",
      resolve: ({ rows }) => (rows ?? []) as never,
    }),
  }),
});

const SearchSectionRef = builder
  .objectRef<Sought & { readonly type: SearchType }>('SearchSection')
  .implement({
    description: 'What was found of one type.',
    fields: (t) => ({
      type: t.expose('type', { type: SearchTypeRef, description: 'Of which.' }),
      hits: t.field({
        type: SearchPageRef,
        nullable: true,
        description: 'Null, with an error, when its cloud cannot be asked: others are answered.',
        extensions: { costs: { calls: 1 } },
        resolve: ({ type, ...sought }, _args, { session }, info) =>
          search(
            session,
            type,
            sought,
            wantedAlong(info, [['SearchPage', 'nodes']], typeNames[type]) ?? null,
          ),
      }),
    }),
  });

builder.queryField('search', (t) =>
  t.field({
    type: [SearchSectionRef],
    description:
      'Looks for a text in everything that the caller sees, in one call to Waldur for each of its types, and in one to Danube Cloud for each datacenter and one for their names. Its sections are in the order of `types`.',
    extensions: { costs: { listedBy: 'types', each: 'first' } },
    args: {
      text: t.arg.string({
        required: true,
        description: `Part of a name in any case, see SearchType, or a whole uuid with or without dashes; up to ${maxTextLength} characters. Empty finds all.`,
      }),
      types: t.arg({
        type: [SearchTypeRef],
        description:
          'Only these, each once, and in this order; null for all of the clouds that are configured, owners first and machines last.',
      }),
      states: t.arg({
        type: [OverallStateRef],
        description:
          'Only what is in one of these; null for any. Customers, projects and datacenters have no state, and are found without only.',
      }),
      first: t.arg.int({
        required: true,
        defaultValue: 10,
        description: `How many of each type, 0 to ${mostOfEach}.`,
      }),
    },
    resolve: (_root, { text, types, states, first }, { session }) => {
      if (first < 0 || first > mostOfEach) {
        throw inputError(['first'], `must be from 0 to ${mostOfEach}`);
      }
      if (text.trim().length > maxTextLength) {
        throw inputError(['text'], `must have at most ${maxTextLength} characters`);
      }
      const sought = { text: text.trim(), states: states ?? null, first };
      return [...new Set(types ?? searchable(session))].map((type) => ({ type, ...sought }));
    },
  }),
);
