/** What Waldur's error bodies say, in all their shapes. */

import type { Issue } from '../../failure.ts';

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

/** The same of a body as it came; none of what is no JSON. */
export function issuesIn(text: string): readonly Issue[] {
  try {
    return issuesOf(JSON.parse(text));
  } catch {
    return [];
  }
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

/** What an input calls Waldur's fields. */
export interface FieldNames {
  /** By Waldur's name. */
  readonly fields: Readonly<Record<string, string>>;
  /** Where in the input the whole body stands, e.g. `rules`. */
  readonly within?: string;
  /** How many items of a list come before those of the input; 0 when absent. */
  readonly before?: number;
}

/**
 * Waldur's complaints with paths into the input.
 *
 * A complaint about a field that the input does not have is about what is around it, and names the
 * field in its message; one about an item that is not the input's is about the whole.
 */
export function inOurWords(issues: readonly Issue[], names: FieldNames): Issue[] {
  const { fields, within, before = 0 } = names;
  return issues.map(({ path, message }) => {
    const ours = within === undefined ? [] : [within];
    const place = /^\d+$/.test(path[0] ?? '') ? Number(path[0]) - before : 0;
    if (place < 0) {
      return { path: [], message: `${path.slice(1).join('.')}: ${message}` };
    }
    for (const [index, segment] of path.entries()) {
      const isPlace = /^\d+$/.test(segment);
      const name = isPlace ? (index === 0 ? String(place) : segment) : fields[segment];
      if (name === undefined) {
        return { path: ours, message: `${path.slice(index).join('.')}: ${message}` };
      }
      ours.push(name);
    }
    return { path: ours, message };
  });
}

/**
 * The states that a refusal names, in Waldur's newer spelling; none when it names none.
 *
 * Source: "Valid states for operation: OK, ERRED." in 8.x, "OK, Erred" before.
 */
export function allowedStatesIn(issues: readonly Issue[]): readonly string[] {
  for (const { message } of issues) {
    const [, states] = /^Valid states for operation: ([\w ,]+)\.?$/.exec(message) ?? [];
    if (states !== undefined) {
      return states.split(',').map((state) => state.trim().toUpperCase().replaceAll(' ', '_'));
    }
  }
  return [];
}
