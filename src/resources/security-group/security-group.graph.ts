/** OpenStack security groups in the graph. */

import { builder } from '../../graph/builder.ts';
import { addEntity, byUuid } from '../../graph/entity.ts';
import { pageOf } from '../../graph/listing.ts';
import { isUuid, NodeRef, registerNode } from '../../graph/node.ts';
import { connectionOf, pageArgs, sized } from '../../graph/paging.ts';
import { wantedIn } from '../../graph/selection.ts';
import { followed, shown } from '../../graph/shown.ts';
import type { Row } from '../../rows/row.ts';
import { CustomerRef } from '../customer/customer.graph.ts';
import { ProjectRef } from '../project/project.graph.ts';
import {
  filterDescription,
  ResourceOrderRef,
  ResourceRef,
  resourceFilterFields,
} from '../resource/resource.graph.ts';
import { TenantRef } from '../tenant/tenant.graph.ts';
import { securityGroupByUuid, securityGroups } from './security-group.access.ts';
import type {
  SecurityGroup,
  SecurityGroupFilter,
  SecurityGroupRule,
} from './security-group.model.ts';

export const SecurityGroupRef = builder.objectRef<Row<SecurityGroup>>('SecurityGroup');

registerNode({
  name: 'SecurityGroup',
  keyOf: (securityGroup: Row<SecurityGroup>) => securityGroup.key,
  isKey: isUuid,
  load: securityGroupByUuid,
});

addEntity(SecurityGroupRef, {
  name: 'SecurityGroup',
  upstream: 'waldur',
  keys: [byUuid(securityGroupByUuid)],
});

export const EthertypeRef = builder.enumType('Ethertype', {
  description: 'Which version of the internet protocol a rule is for.',
  values: {
    IPV4: { description: 'IPv4.' },
    IPV6: { description: 'IPv6.' },
  } satisfies Record<SecurityGroupRule['ethertype'], object>,
});

export const RuleDirectionRef = builder.enumType('RuleDirection', {
  description: 'Which way traffic has to go for a rule to apply.',
  values: {
    INGRESS: { description: 'Into the instances.' },
    EGRESS: { description: 'Out of the instances.' },
  } satisfies Record<SecurityGroupRule['direction'], object>,
});

export const SecurityGroupRuleRef = builder
  .objectRef<Row<SecurityGroupRule>>('SecurityGroupRule')
  .implement({
    description: 'Traffic that a security group allows.',
    shareable: true,
    fields: (t) => ({
      ruleId: t.field({
        type: 'Int',
        description: 'Stable while the rule lives; keeps the rule when rules are set.',
        ...shown('ruleId'),
      }),
      ethertype: t.field({
        type: EthertypeRef,
        description: 'Of IPv4 or of IPv6.',
        ...shown('ethertype'),
      }),
      direction: t.field({
        type: RuleDirectionRef,
        description: 'Into the instances or out of them.',
        ...shown('direction'),
      }),
      protocol: t.field({
        type: 'String',
        nullable: true,
        description: 'tcp, udp, icmp or an IANA number as text; null = any protocol.',
        ...shown('protocol'),
      }),
      fromPort: t.field({
        type: 'Int',
        nullable: true,
        description: 'The first port, for icmp the type; null = any.',
        ...shown('fromPort'),
      }),
      toPort: t.field({
        type: 'Int',
        nullable: true,
        description: 'The last port, for icmp the code; null = any.',
        ...shown('toPort'),
      }),
      cidr: t.field({
        type: 'String',
        nullable: true,
        description: 'The addresses at the other end; null = any, or those of remoteGroup.',
        ...shown('cidr'),
      }),
      description: t.field({
        type: 'String',
        description: 'Empty when it has none.',
        ...shown('description'),
      }),
      remoteGroup: t.field({
        type: SecurityGroupRef,
        nullable: true,
        description: 'Only to or from instances in this group; null = no such restriction.',
        ...followed('remoteGroup'),
      }),
    }),
  });

SecurityGroupRef.implement({
  description: 'A named set of firewall rules in an OpenStack tenant.',
  interfaces: [NodeRef, ResourceRef],
  fields: (t) => ({
    tenant: t.field({
      type: TenantRef,
      nullable: true,
      description: 'Where it belongs; null when Waldur does not tell.',
      ...followed('tenant'),
    }),
    rules: t.field({
      type: [SecurityGroupRuleRef],
      description:
        'All its rules, as Waldur orders them; often by ruleId. Traffic that no rule allows is dropped.',
      ...shown('rules'),
    }),
  }),
});

const SecurityGroupConnectionRef = connectionOf(SecurityGroupRef, 'SecurityGroup');

const SecurityGroupFilterRef = builder
  .inputRef<SecurityGroupFilter>('SecurityGroupFilter')
  .implement({
    description: filterDescription,
    fields: (t) => ({
      ...resourceFilterFields(t),
      uuid: t.field({
        type: 'UUID',
        description: 'This one, when it passes the rest of the filter: a list of one or none.',
      }),
      query: t.string({ description: 'Part of the name or of the description, in any case.' }),
      tenant: t.field({ type: 'UUID', description: 'In this tenant.' }),
    }),
  });

const listArgs = (arg: Parameters<typeof pageArgs>[0]) => ({
  ...pageArgs(arg),
  filter: arg({ type: SecurityGroupFilterRef, description: 'Which of them; null = all.' }),
  orderBy: arg({
    type: [ResourceOrderRef],
    description: 'The most important key first; null = by creation.',
  }),
});

builder.queryFields((t) => ({
  securityGroups: t.field({
    type: SecurityGroupConnectionRef,
    nullable: true,
    ...sized,
    description:
      'The OpenStack security groups that the caller sees, by creation unless ordered otherwise.',
    args: listArgs(t.arg),
    resolve: (_root, args, { session }, info) =>
      pageOf('securityGroups', args, info, (listing) => securityGroups(session, listing)),
  }),
  securityGroup: t.field({
    type: SecurityGroupRef,
    nullable: true,
    description:
      'One of the OpenStack security groups; null when there is none or the caller may not see it.',
    args: { uuid: t.arg({ type: 'UUID', required: true, description: "Waldur's identifier." }) },
    resolve: (_root, { uuid }, { session }, info) =>
      securityGroupByUuid(session, uuid, wantedIn(info)),
  }),
}));

builder.objectField(CustomerRef, 'securityGroups', (t) =>
  t.field({
    type: SecurityGroupConnectionRef,
    nullable: true,
    ...sized,
    description:
      'The security groups of the customer that the caller sees, by creation unless ordered otherwise.',
    args: listArgs(t.arg),
    resolve: (row, args, { session }, info) =>
      pageOf(`securityGroups of ${row.key}`, args, info, (listing) =>
        securityGroups(session, {
          ...listing,
          within: { property: 'customer', row, filter: { customer: row.key } },
        }),
      ),
  }),
);

builder.objectField(ProjectRef, 'securityGroups', (t) =>
  t.field({
    // Their lists can be had together by the owners above.
    extensions: { needs: ['customer'] },
    type: SecurityGroupConnectionRef,
    nullable: true,
    ...sized,
    description:
      'The security groups in the project that the caller sees, by creation unless ordered otherwise.',
    args: listArgs(t.arg),
    resolve: (row, args, { session }, info) =>
      pageOf(`securityGroups of ${row.key}`, args, info, (listing) =>
        securityGroups(session, {
          ...listing,
          within: { property: 'project', row, filter: { project: row.key } },
        }),
      ),
  }),
);

builder.objectField(TenantRef, 'securityGroups', (t) =>
  t.field({
    // Their lists can be had together by the owners above.
    extensions: { needs: ['project', 'customer'] },
    type: SecurityGroupConnectionRef,
    nullable: true,
    ...sized,
    description:
      'The security groups in the tenant that the caller sees, by creation unless ordered otherwise.',
    args: listArgs(t.arg),
    resolve: (row, args, { session }, info) =>
      pageOf(`securityGroups of ${row.key}`, args, info, (listing) =>
        securityGroups(session, {
          ...listing,
          within: { property: 'tenant', row, filter: { tenant: row.key } },
        }),
      ),
  }),
);
