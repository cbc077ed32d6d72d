/** What it takes to find out whether fields of one name can be told apart. */

import { type DocumentNode, type FieldNode, Kind, type SelectionSetNode } from 'graphql';

type Fragments = ReadonlyMap<string, SelectionSetNode>;

/**
 * Fields of a document, and pairs of them that have one name in one place of a response, whatever
 * fragments they stand in. Validation compares each of these pairs (section "Field Selection Merging" of
 * the GraphQL specification), so what it takes grows with the square of a document's length.
 *
 * @param document - no fragment of which leads to itself
 * @param most - counting ends when there are more
 */
export function comparisonsIn(document: DocumentNode, most: number): number {
  const fragments = new Map(
    document.definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION
        ? [[definition.name.value, definition.selectionSet] as const]
        : [],
    ),
  );
  const unseen = new Set(fragments.keys());
  // Each is the selections of one object of the response.
  const places: SelectionSetNode[][] = document.definitions.flatMap((definition) =>
    definition.kind === Kind.OPERATION_DEFINITION ? [[definition.selectionSet]] : [],
  );
  let found = 0;
  while (found <= most) {
    const place = places.pop() ?? nextOf(unseen, fragments);
    if (place === undefined) {
      break;
    }
    const names = fieldsAt(place, fragments);
    for (const name of names.spread) {
      unseen.delete(name);
    }
    for (const fields of names.byName.values()) {
      found += fields.length + (fields.length * (fields.length - 1)) / 2;
      const below = fields.flatMap(({ selectionSet }) => selectionSet ?? []);
      if (below.length > 0) {
        places.push(below);
      }
    }
  }
  return found;
}

/** A fragment that no operation leads to is compared all the same. */
function nextOf(unseen: Set<string>, fragments: Fragments): SelectionSetNode[] | undefined {
  for (const name of unseen) {
    unseen.delete(name);
    return [fragments.get(name)].filter((set) => set !== undefined);
  }
  return undefined;
}

function fieldsAt(place: readonly SelectionSetNode[], fragments: Fragments) {
  const byName = new Map<string, FieldNode[]>();
  const spread = new Set<string>();
  // Grows as fragments are met.
  const sets = [...place];
  for (const set of sets) {
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) {
        const name = selection.alias?.value ?? selection.name.value;
        const fields = byName.get(name);
        if (fields === undefined) {
          byName.set(name, [selection]);
        } else {
          fields.push(selection);
        }
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        sets.push(selection.selectionSet);
      } else if (!spread.has(selection.name.value)) {
        spread.add(selection.name.value);
        sets.push(fragments.get(selection.name.value) ?? nothing);
      }
    }
  }
  return { byName, spread };
}

const nothing: SelectionSetNode = { kind: Kind.SELECTION_SET, selections: [] };
