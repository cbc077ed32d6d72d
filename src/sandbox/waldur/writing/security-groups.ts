/** Security groups, as the simulated Waldur lets them be changed. */

import type { Answer } from '../../server.ts';
import { json, refuse } from '../answers.ts';
import type { Rule, SecurityGroup, Tenant } from '../model.ts';
import { securityGroupSerializer } from '../serializers.ts';
import { accepted, bodyOf, checkFields, optional, required } from './fields.ts';
import { beginCreation, checkUnique } from './groups.ts';
import { type CheckedRule, checkRules, isSame } from './rules.ts';
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

const defaultGroup = 'Default security group is managed by OpenStack itself.';

export function createSecurityGroup(tenant: Tenant, desk: Desk): Answer {
  const { world, showing, call } = desk;
  const body = bodyOf(call);
  const rulesIn = (given: unknown) => {
    if (given === undefined) {
      return { complaints: ['This field is required.'] };
    }
    const ids = Array.isArray(given) ? given.map((item) => (item as { id?: unknown })?.id) : [];
    if (ids.some((id) => id !== undefined)) {
      return {
        complaints: ids
          .filter((id) => id !== undefined)
          .map((id) => [`Cannot add existed rule with id ${String(id)} to new security group`]),
      };
    }
    return checkRules(given, { ...showing, groups: world.securityGroups, kept: [] });
  };
  const given = accepted(
    checkFields({ name: required(name), description: description(showing), rules: rulesIn }, body),
  );
  if (given.name === 'default') {
    refuse(json(400, { name: [defaultGroup] }));
  }
  checkUnique(world.securityGroups, tenant, given.name, 'Security group name should be unique.');
  checkDuplicates(given.rules);
  checkQuotas(tenant, { security_group_count: 1, security_group_rule_count: given.rules.length });
  const row: SecurityGroup = {
    ...newResource(desk, { ...textsOf(given), project: tenant.project, settings: tenant.settings }),
    tenant,
    rules: [],
  };
  row.rules = given.rules.map((rule) => withId(rule, desk));
  world.securityGroups.push(row);
  use(tenant, { security_group_count: 1, security_group_rule_count: row.rules.length });
  beginCreation(row, desk);
  return created(securityGroupSerializer, row, desk);
}

function checkDuplicates(rules: readonly CheckedRule[]): void {
  if (rules.some((rule, at) => rules.slice(0, at).some((other) => isSame(rule, other)))) {
    refuse(json(400, ['Duplicate security group rules are not allowed.']));
  }
}

function checkQuotas(tenant: Tenant, needed: Readonly<Record<string, number>>): void {
  const exceeded = tenant.quotas.flatMap(({ name: quota, usage, limit }) => {
    const requires = usage + (needed[quota] ?? 0);
    return needed[quota] && limit >= 0 && requires > limit
      ? [`${quota} quota limit: ${limit}, requires ${requires}`]
      : [];
  });
  if (exceeded.length > 0) {
    refuse(json(400, [`One or more quotas were exceeded: ${exceeded.join(';')}`]));
  }
}

function use(tenant: Tenant, amounts: Readonly<Record<string, number>>): void {
  for (const quota of tenant.quotas) {
    quota.usage += amounts[quota.name] ?? 0;
  }
}

function withId({ id, ...rule }: CheckedRule, { world }: Desk): Rule {
  const highest = world.securityGroups.reduce(
    (most, { rules }) => rules.reduce((top, known) => Math.max(top, known.id), most),
    lastRuleId.get(world) ?? 0,
  );
  const given = id ?? highest + 1;
  lastRuleId.set(world, Math.max(highest, given));
  return { id: given, ...rule };
}
/** Ids of deleted rules are not given again. */
const lastRuleId = new WeakMap<Desk['world'], number>();

const putSecurityGroup = (isPartial: boolean): RowWrite<SecurityGroup> => ({
  states: ['OK'],
  guard: guardDefault,
  act: (row, { call, showing, world, lifecycle }) => {
    const given = accepted(
      checkFields(
        { name: isPartial ? optional(name) : required(name), description: description(showing) },
        bodyOf(call),
      ),
    );
    const isRenamed = given.name !== undefined && given.name !== row.name;
    if (isRenamed && given.name === 'default') {
      return json(400, { name: [defaultGroup] });
    }
    const { tenant } = row;
    if (
      isRenamed &&
      world.securityGroups.some((other) => other.tenant === tenant && other.name === given.name)
    ) {
      return json(400, { name: ['Security group name should be unique.'] });
    }
    Object.assign(row, textsOf(given));
    lifecycle.begin(row, { kind: 'update' });
    return json(200, { name: row.name, description: row.description });
  },
});

function guardDefault({ name: given }: SecurityGroup): void {
  if (given === 'default') {
    refuse(json(400, { name: defaultGroup }));
  }
}

const setRules: RowWrite<SecurityGroup> = {
  states: ['OK'],
  act: (row, desk) => {
    const { call, showing, world, lifecycle } = desk;
    const checked = checkRules(bodyOf(call), {
      ...showing,
      groups: world.securityGroups,
      kept: row.rules,
    });
    const rules = accepted(checked);
    checkDuplicates(rules);
    const more = rules.length - row.rules.length;
    checkQuotas(row.tenant, { security_group_rule_count: more });
    row.rules = rules.map((rule) => withId(rule, desk));
    use(row.tenant, { security_group_rule_count: more });
    lifecycle.begin(row, { kind: 'update' });
    return json(202, { status: 'Rules update was successfully scheduled.' });
  },
};

export const securityGroupWrites: CollectionWrites<SecurityGroup> = {
  row: {
    ...lifecycleWrites<SecurityGroup>({
      rows: ({ securityGroups }) => securityGroups,
      guardDeletion: guardDefault,
      onRemoved: (removed, { securityGroups }, isUnlinked) => {
        // Waldur does not give back the quota of what it only forgets.
        if (!isUnlinked) {
          use(removed.tenant, {
            security_group_count: -1,
            security_group_rule_count: -removed.rules.length,
          });
        }
        for (const group of securityGroups) {
          group.rules = group.rules.filter(({ remoteGroup }) => remoteGroup !== removed);
        }
      },
      isForced: false,
      isStuckWithoutBackendId: ({ profile }) => profile === '7.6',
    }),
    PUT: putSecurityGroup(false),
    PATCH: putSecurityGroup(true),
    set_rules: setRules,
  },
};
