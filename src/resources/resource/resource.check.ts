/** What is known to be wrong with a resource's input before Waldur is asked. */

import type { Issue } from '../../failure.ts';

/** Source: Waldur's models; older Waldur takes descriptions of up to 2,000 characters alone. */
const maxNameLength = 150;
const maxDescriptionLength = 4_096;

type Path = readonly string[];

/** Waldur trims names, and takes none without a visible character. */
export function nameIssues(name: string | null | undefined, path: Path = ['name']): Issue[] {
  if (name === null || name === undefined) {
    return [];
  }
  const { length } = name.trim();
  if (length === 0) {
    return [{ path, message: 'must not be blank' }];
  }
  return length > maxNameLength
    ? [{ path, message: `must have at most ${maxNameLength} characters` }]
    : [];
}

export function descriptionIssues(
  description: string | null | undefined,
  path: Path = ['description'],
): Issue[] {
  return (description?.trim().length ?? 0) > maxDescriptionLength
    ? [{ path, message: `must have at most ${maxDescriptionLength} characters` }]
    : [];
}
