/** Following what changes by itself: over server-sent events, as all subscriptions. */

import { GraphQLObjectType, type GraphQLResolveInfo } from 'graphql';
import { UpstreamFailure } from '../../failure.ts';
import { builder } from '../../graph/builder.ts';
import { inputError } from '../../graph/input-error.ts';
import { wantedIn } from '../../graph/selection.ts';
import type { Wanted } from '../../rows/row.ts';
import type { Told } from '../../session/watching.ts';
import { datacenterName } from '../datacenter/datacenter.graph.ts';
import { ResourceRef } from '../resource/resource.graph.ts';
import { isTaskId } from '../task/task.access.ts';
import { TaskRef } from '../task/task.graph.ts';
import { hostnameOrUuid } from '../virtual-machine/virtual-machine.check.ts';
import { VirtualMachineRef } from '../virtual-machine/virtual-machine.graph.ts';
import { machineChanges, resourceChanges, taskChanges } from './change.access.ts';
import type { ResourceType } from './change.model.ts';

const ResourceTypeRef = builder.enumType('ResourceType', {
  description: "A kind of Waldur's resources.",
  values: {
    TENANT: { description: 'OpenStack tenants.' },
    SECURITY_GROUP: { description: 'OpenStack security groups.' },
    SERVER_GROUP: { description: 'OpenStack server groups.' },
    ALLOCATION: { description: 'OpenPortal allocations.' },
  } satisfies Record<ResourceType, object>,
});

const typeNames: Readonly<Record<ResourceType, string>> = {
  TENANT: 'Tenant',
  SECURITY_GROUP: 'SecurityGroup',
  SERVER_GROUP: 'ServerGroup',
  ALLOCATION: 'Allocation',
};

/** The thing, null when it is gone. @throws why nobody can tell */
function shownOf<V>(told: Told<V>): V | null {
  if (told.kind === 'failed') {
    throw told.reason;
  }
  return told.kind === 'gone' ? null : told.value;
}

function wantedOf(info: GraphQLResolveInfo, type: ResourceType): Wanted {
  const named = info.schema.getType(typeNames[type]);
  return named instanceof GraphQLObjectType ? wantedIn(info, named) : {};
}

builder.subscriptionType({
  description:
    'Following, over server-sent events. Each begins with how things are now, so it is resumed by asking again; each ends by itself when nothing more will come.',
});

builder.subscriptionFields((t) => ({
  resourceChanged: t.field({
    type: ResourceRef,
    nullable: true,
    description:
      'The resource now, then at each change of its state, until it settles in OK or ERRED. Null once it is gone.',
    args: {
      uuid: t.arg({ type: 'UUID', required: true, description: "Waldur's identifier." }),
      type: t.arg({ type: ResourceTypeRef, required: true, description: 'What it is.' }),
    },
    subscribe: (_root, { uuid, type }, { session }, info) =>
      resourceChanges(session, type, uuid, wantedOf(info, type)),
    resolve: (told) => shownOf(told),
  }),
  taskChanged: t.field({
    type: TaskRef,
    description: 'The task now, then at each change, until it is done.',
    args: {
      taskId: t.arg.string({ required: true, description: 'As a mutation gave it.' }),
    },
    subscribe: (_root, { taskId }, { session }) => {
      if (!isTaskId(taskId)) {
        throw inputError(['taskId'], 'is not an id of a task');
      }
      return taskChanges(session, taskId);
    },
    resolve: (told) =>
      shownOf(told) ??
      (() => {
        throw new UpstreamFailure('no task', { kind: 'not-found', upstream: 'danube' });
      })(),
  }),
  virtualMachineChanged: t.field({
    type: VirtualMachineRef,
    nullable: true,
    description:
      'The machine now, then at each change, until no operation is under way. Null once it is gone.',
    args: {
      hostname: t.arg.string({ required: true, description: 'Its full name.' }),
      datacenter: t.arg.string({ description: 'Where it is; null = the configured default.' }),
    },
    subscribe: (_root, { hostname, datacenter }, { session }) => {
      if (!hostnameOrUuid.test(hostname)) {
        throw inputError(['hostname'], 'is not a hostname');
      }
      if (datacenter != null && !datacenterName.test(datacenter)) {
        throw inputError(['datacenter'], 'is not a name of a datacenter');
      }
      return machineChanges(session, hostname, datacenter ?? null);
    },
    resolve: (told) => shownOf(told),
  }),
}));
