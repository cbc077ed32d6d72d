/** What is known to be wrong with an allocation's input before Waldur is asked. */

import type { Issue } from '../../failure.ts';
import { descriptionIssues, nameIssues } from '../resource/resource.check.ts';
import type { CreateAllocationInput, UpdateAllocationInput } from './allocation.model.ts';

const maxGroupnameLength = 64;

/** A BigInt that came this far fits into 64 bits, which is the upper bound as well. */
export function nodeLimitIssues(nodeLimit: number | string | null | undefined): Issue[] {
  return nodeLimit != null && BigInt(nodeLimit) < 0n
    ? [{ path: ['nodeLimit'], message: 'must be from 0 to 2^63 - 1, or null' }]
    : [];
}

/** Every fault of what is to be created or changed. */
export function allocationIssues(
  input: Omit<CreateAllocationInput | UpdateAllocationInput, 'uuid'>,
): Issue[] {
  const { name, description, nodeLimit, groupname } = input;
  const isTooLong = (groupname?.trim().length ?? 0) > maxGroupnameLength;
  return [
    ...nameIssues(name),
    ...descriptionIssues(description),
    ...nodeLimitIssues(nodeLimit),
    ...(isTooLong
      ? [{ path: ['groupname'], message: `must have at most ${maxGroupnameLength} characters` }]
      : []),
  ];
}

/** An explicit null would be taken for unlimited, which Waldur grants through its limits alone. */
export function unlimitedIssues({ nodeLimit }: UpdateAllocationInput): Issue[] {
  return nodeLimit === null
    ? [{ path: ['nodeLimit'], message: 'can be made unlimited by setAllocationLimits alone' }]
    : [];
}
