/** Server groups, as the simulated Waldur lets them be changed. */

import type { Answer } from '../../server.ts';
import { html } from '../answers.ts';
import type { ServerGroup, Tenant } from '../model.ts';
import { serverGroupSerializer } from '../serializers.ts';
import { managesProject } from '../visibility.ts';
import { accepted, bodyOf, checkFields, choice, optional, required } from './fields.ts';
import { beginCreation, checkUnique } from './groups.ts';
import {
  type CollectionWrites,
  created,
  type Desk,
  description,
  lifecycleWrites,
  name,
  newResource,
  textsOf,
} from './writes.ts';

const policies = ['affinity', 'anti-affinity', 'soft-affinity', 'soft-anti-affinity', ''];

const serverGroupFields = ({ showing }: Desk) => ({
  name: required(name),
  description: description(showing),
  policy: optional(choice(showing.profile === '8.1' ? policies : ['affinity', ''])),
});

export function createServerGroup(tenant: Tenant, desk: Desk): Answer {
  const given = accepted(checkFields(serverGroupFields(desk), bodyOf(desk.call)));
  checkUnique(desk.world.serverGroups, tenant, given.name, 'Server group name should be unique.');
  const row: ServerGroup = {
    ...newResource(desk, { ...textsOf(given), project: tenant.project, settings: tenant.settings }),
    tenant,
    policy: given.policy ?? '',
    instances: [],
  };
  desk.world.serverGroups.push(row);
  beginCreation(row, desk);
  return created(serverGroupSerializer, row, desk);
}

/** Waldur reads the tenant from the address, which this one lacks: it fails for whatever is valid. */
function postServerGroup(desk: Desk): Answer {
  accepted(checkFields(serverGroupFields(desk), bodyOf(desk.call)));
  const tenant = desk.world.tenants.find(
    ({ state, project }) => state === 'OK' && managesProject(desk.showing.viewpoint, project),
  );
  return desk.serverGroupPost && tenant !== undefined
    ? createServerGroup(tenant, desk)
    : html(500, 'Server Error (500)');
}

export const serverGroupWrites: CollectionWrites<ServerGroup> = {
  create: postServerGroup,
  row: lifecycleWrites<ServerGroup>({ rows: ({ serverGroups }) => serverGroups, isForced: true }),
};
