/** Arithmetic on what is wanted of a noun. */

import type { View, Wanted } from './row.ts';

export const nothing: Wanted = Object.freeze({});

/** Everything that either of the two wants. */
export function union(one: Wanted, other: Wanted): Wanted {
  if (one === other || isNothing(other)) {
    return one;
  }
  if (isNothing(one)) {
    return other;
  }
  const both: Record<string, Wanted> = { ...one };
  for (const property in other) {
    const theirs = other[property] ?? nothing;
    const ours = both[property];
    both[property] = ours === undefined ? theirs : union(ours, theirs);
  }
  return both;
}

const knownIncluding = new WeakMap<Wanted, Map<string, Wanted>>();

/** The same with one property more. Of the same it is the same: what follows from it is known by then. */
export function including(wanted: Wanted, property: string): Wanted {
  const known = knownIncluding.get(wanted) ?? new Map<string, Wanted>();
  knownIncluding.set(wanted, known);
  const made = known.get(property) ?? union({ [property]: nothing }, wanted);
  known.set(property, made);
  return made;
}

export function isNothing(wanted: Wanted): boolean {
  for (const _ in wanted) {
    return false;
  }
  return true;
}

/**
 * The upstream fields to ask for, so that rows seen through `view` hold all that is wanted, what can
 * be told of linked things included, and with what a plan for the rest will need.
 *
 * @returns field names, each once, in the order in which they are met
 */
export function fieldsFor(view: View, wanted: Wanted): Set<string> {
  const fields = new Set<string>(view.uuid?.fields);
  collect(view, wanted, fields);
  return fields;
}

function collect(view: View, wanted: Wanted, fields: Set<string>): void {
  for (const property in wanted) {
    const reading = view[property];
    if (reading === undefined) {
      continue;
    }
    for (const field of reading.fields) {
      fields.add(field);
    }
    const beyond = wanted[property];
    if (reading.view === undefined || beyond === undefined) {
      continue;
    }
    collect(reading.view, beyond, fields);
    if (reading.hints !== undefined && leadsBeyond(reading.view, beyond)) {
      for (const field of reading.hints) {
        fields.add(field);
      }
    }
  }
}

function leadsBeyond(view: View, wanted: Wanted): boolean {
  for (const property in wanted) {
    if (view[property] === undefined) {
      return true;
    }
  }
  return false;
}
