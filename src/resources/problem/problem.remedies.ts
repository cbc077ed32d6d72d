/** Mutations that may help with a problem. Pure: who may use them is known beforehand. */

import type { Problem, Remedy } from './problem.model.ts';

const names = {
  SECURITY_GROUP: 'SecurityGroup',
  SERVER_GROUP: 'ServerGroup',
  ALLOCATION: 'Allocation',
} as const;

/** Every mutation of this graph answers with a union. */
function document(mutation: string, args: string): string {
  return `mutation { ${mutation}(${args}) { __typename ... on Failure { code message } } }`;
}

interface Circumstances {
  /** The caller's. */
  readonly right: 'STAFF' | 'MANAGER';
  /** Whether its backend has given it an identifier. */
  readonly isAtBackend: boolean;
  /** Whether it is OpenStack's own group, which cannot be deleted. */
  readonly isDefault: boolean;
}

/** For a security group, a server group or an allocation. */
export function resourceRemedies(
  { type, kind, subject }: Problem,
  { right, isAtBackend, isDefault }: Circumstances,
): Remedy[] {
  if (!(type in names)) {
    return [];
  }
  const noun = names[type as keyof typeof names];
  const uuid = JSON.stringify(subject.key);
  const byUuid = (mutation: string) => ({
    mutation,
    document: document(mutation, `uuid: ${uuid}`),
  });
  const remedies: Remedy[] = [];
  if (kind === 'ERRED' && isAtBackend) {
    remedies.push({
      ...byUuid(`pull${noun}`),
      purpose: 'Reads it again from its backend, and settles in OK when it is there.',
      right,
      isDestructive: false,
    });
  }
  if (kind === 'STUCK' && right === 'STAFF') {
    remedies.push({
      mutation: `mark${noun}Erred`,
      document: document(`mark${noun}Erred`, `input: { uuid: ${uuid}, errorMessage: "stuck" }`),
      purpose:
        'Ends the transition here, whatever becomes of it at the backend: it can then be pulled or deleted.',
      right: 'STAFF',
      isDestructive: false,
    });
  }
  if (right === 'STAFF') {
    remedies.push({
      ...byUuid(`mark${noun}Ok`),
      purpose: 'Says that all is well, without looking at the backend.',
      right: 'STAFF',
      isDestructive: false,
    });
  }
  if (kind === 'ERRED' && !(isDefault && type === 'SECURITY_GROUP')) {
    remedies.push({
      ...byUuid(`delete${noun}`),
      purpose: 'Deletes it, at its backend too.',
      right,
      isDestructive: true,
    });
  }
  if (kind === 'STUCK' && right === 'STAFF') {
    remedies.push({
      ...byUuid(`unlink${noun}`),
      purpose: 'Forgets it at once; its backend keeps what it has.',
      right: 'STAFF',
      isDestructive: true,
    });
  }
  return remedies;
}

/** For a machine: one in ERROR can be helped by nothing that this graph has. */
export function machineRemedies({ kind, subject, taskIds }: Problem, datacenter: string): Remedy[] {
  if (kind !== 'STUCK') {
    return [];
  }
  const place = `datacenter: ${JSON.stringify(datacenter)}`;
  const cancelled = taskIds.map(
    (taskId): Remedy => ({
      mutation: 'cancelTask',
      document: document('cancelTask', `input: { taskId: ${JSON.stringify(taskId)}, ${place} }`),
      purpose: 'Calls off what is under way; Danube Cloud takes back what it has done of it.',
      right: 'CLOUD_DECIDES',
      isDestructive: false,
    }),
  );
  const hostname = JSON.stringify(subject.read('hostname'));
  return subject.read('status') === 'STOPPING'
    ? [
        ...cancelled,
        {
          mutation: 'stopVirtualMachine',
          document: document(
            'stopVirtualMachine',
            `input: { hostname: ${hostname}, ${place}, force: true }`,
          ),
          purpose: 'Stops it without asking its system.',
          right: 'CLOUD_DECIDES',
          isDestructive: true,
        },
      ]
    : cancelled;
}
