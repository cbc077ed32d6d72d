/** What Waldur's error bodies say, in all their shapes. */

import type { FailureDetails } from '../../failure.ts';

type Issue = NonNullable<FailureDetails['issues']>[number];

/**
 * Every complaint in an error body, with the path of the field that it is about.
 *
 * Waldur answers with text, a list of texts, a list of objects with holes where items are right, an
 * object of texts or lists, and any nesting of these; `non_field_errors` and `detail` are about
 * whatever is around them.
 *
 * @param body - parsed JSON
 * @returns an empty list when nothing in it reads as a complaint
 */
export function issuesOf(body: unknown): readonly Issue[] {
  const issues: Issue[] = [];
  gather(body, [], issues);
  return issues;
}

const maxDepth = 12;

function gather(body: unknown, path: readonly string[], issues: Issue[]): void {
  if (typeof body === 'string') {
    issues.push({ path, message: body });
    return;
  }
  if (typeof body !== 'object' || body === null || path.length > maxDepth) {
    return;
  }
  if (Array.isArray(body)) {
    for (const [index, entry] of body.entries()) {
      // A list of texts is about one thing; a list of objects or lists is about the items in turn.
      gather(entry, typeof entry === 'string' ? path : [...path, String(index)], issues);
    }
    return;
  }
  for (const [field, entry] of Object.entries(body)) {
    const about = field === 'non_field_errors' || field === 'detail' ? path : [...path, field];
    gather(entry, about, issues);
  }
}
