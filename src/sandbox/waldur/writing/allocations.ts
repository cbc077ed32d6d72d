/** Allocations, as the simulated Waldur lets them be changed. */

import type { Answer } from '../../server.ts';
import { detail, html, json } from '../answers.ts';
import type { Allocation } from '../model.ts';
import { allocationSerializer, serialize } from '../serializers.ts';
import { managesProject, seesProject, seesSettings } from '../visibility.ts';
import {
  accepted,
  bodyOf,
  checkFields,
  hyperlink,
  integer,
  optional,
  required,
  text,
} from './fields.ts';
import {
  type CollectionWrites,
  created,
  type Desk,
  description,
  lifecycleWrites,
  name,
  newResource,
  type RowWrite,
  textsOf,
} from './writes.ts';

/** What a site gives every new allocation, whatever was asked for. */
const defaultNodeLimit = 1_000n;
const maxNodeLimit = 2n ** 63n - 1n;

function createAllocation(desk: Desk): Answer {
  const { world, showing, call, lifecycle } = desk;
  const { viewpoint } = showing;
  const openPortal = world.settings.filter(({ type }) => type === 'OpenPortal');
  const given = accepted(
    checkFields(
      {
        name: required(name),
        description: description(showing),
        service_settings: required(
          hyperlink('service-settings', openPortal, (row) => seesSettings(viewpoint, row)),
        ),
        project: required(
          hyperlink('projects', world.projects, (row) => seesProject(viewpoint, row)),
        ),
        node_limit: optional(integer(0n, maxNodeLimit)),
        groupname: optional(text({ maxLength: 64, isBlankAllowed: true, isNullAllowed: true })),
      },
      bodyOf(call),
    ),
  );
  if (!managesProject(viewpoint, given.project)) {
    return detail(403, 'You do not have permissions to create allocation for given project.');
  }
  const row: Allocation = {
    ...newResource(desk, {
      ...textsOf(given),
      project: given.project,
      settings: given.service_settings,
    }),
    nodeLimit: given.node_limit ?? 0n,
    nodeUsage: '0.00',
    groupname: given.groupname ?? null,
    isActive: true,
  };
  world.allocations.push(row);
  lifecycle.begin(row, {
    kind: 'creation',
    onDone: () => {
      row.backendId = `${row.uuid.slice(0, 8)}.sandbox`;
      row.nodeLimit = defaultNodeLimit;
      row.groupname ??= `grp-${row.uuid.slice(0, 6)}`;
    },
  });
  const location = `${showing.origin}/api/openportal-allocations/${row.uuid}/`;
  return created(allocationSerializer, row, desk, { location });
}

const putAllocation = (isPartial: boolean): RowWrite<Allocation> => ({
  states: ['OK'],
  act: (row, { call, showing, lifecycle }) => {
    const given = accepted(
      checkFields(
        {
          name: isPartial ? optional(name) : required(name),
          description: description(showing),
          node_limit: optional(integer(0n, maxNodeLimit)),
          groupname: optional(text({ maxLength: 64, isBlankAllowed: true, isNullAllowed: true })),
        },
        bodyOf(call),
      ),
    );
    lifecycle.save(row, textsOf(given));
    row.nodeLimit = given.node_limit ?? row.nodeLimit;
    row.groupname = given.groupname === undefined ? row.groupname : given.groupname;
    return json(200, serialize(allocationSerializer, row, showing, []));
  },
});

const setLimits: RowWrite<Allocation> = {
  isStaffOnly: true,
  act: (row, { call, lifecycle }) => {
    const given = accepted(checkFields({ node_limit: required(integer(-1n)) }, bodyOf(call)));
    const isPossible = ['OK', 'ERRED', 'UPDATE_SCHEDULED'].includes(row.state);
    if (!isPossible || given.node_limit > maxNodeLimit) {
      // The one has no check of the state before it, the other none before the database's.
      return html(500, 'Server Error (500)');
    }
    row.nodeLimit = given.node_limit;
    lifecycle.begin(row, { kind: 'update' });
    return json(202, { status: 'Setting limits was scheduled.' });
  },
};

export const allocationWrites: CollectionWrites<Allocation> = {
  create: createAllocation,
  row: {
    ...lifecycleWrites<Allocation>({ rows: ({ allocations }) => allocations, isForced: true }),
    PUT: putAllocation(false),
    PATCH: putAllocation(true),
    set_limits: setLimits,
  },
};
