/**
 * What a query wants of a noun: which of its properties, and what of the things that it leads to.
 *
 * A field says which property it shows by `extensions.property`, or which it is made from by
 * `extensions.needs`. Whatever this analysis misses is loaded later; it saves calls, nothing depends
 * on it.
 */

import {
  type FieldNode,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  getNamedType,
  isInterfaceType,
  isObjectType,
  type SelectionSetNode,
} from 'graphql';
import type { Wanted } from '../rows/row.ts';
import { nothing, union } from '../rows/wanted.ts';
import { applies, isConditional, isIncluded } from './conditions.ts';

/** What is read of `GraphQLField.extensions`. */
interface FieldExtensions {
  readonly property?: string;
  readonly needs?: readonly string[];
  /** For a field of an interface: what it needs of a type, where that differs. */
  readonly needsOf?: (type: string) => readonly string[] | undefined;
}

type Info = Pick<GraphQLResolveInfo, 'schema' | 'fragments' | 'variableValues'>;

/** Answers by AST node, where no variable decides: documents are parsed once and kept. */
const lasting = new WeakMap<FieldNode, Map<string, Wanted>>();
/** Answers where variables do decide: they live as long as the operation's variables. */
const passing = new WeakMap<object, Map<FieldNode, Map<string, Wanted>>>();

/**
 * What the field being resolved wants of the noun that it returns.
 *
 * @param type - the object type, where the field's own is an interface
 */
export function wantedIn(info: GraphQLResolveInfo, type?: GraphQLObjectType): Wanted {
  const returned = type ?? getNamedType(info.returnType);
  let wanted = nothing;
  for (const node of info.fieldNodes) {
    wanted = union(wanted, remembered(node, returned, info));
  }
  return wanted;
}

/** By a field's nodes: every row of a page asks. */
const knownOfLinks = new WeakMap<readonly FieldNode[], Wanted>();

/** The same for a link, which is followed from many rows. */
export function wantedOfLink(info: GraphQLResolveInfo): Wanted {
  const known = knownOfLinks.get(info.fieldNodes);
  if (known !== undefined) {
    return known;
  }
  const wanted = wantedIn(info);
  const type = getNamedType(info.returnType);
  if (info.fieldNodes.every((node) => lasting.get(node)?.has(type.name))) {
    knownOfLinks.set(info.fieldNodes, wanted);
  }
  return wanted;
}

/** A field on the way to a noun, and the object type that has it: one of a union's, say. */
export type Step = readonly [type: string, field: string];

/**
 * What the field being resolved wants of the noun at the end of a way through its result.
 *
 * @param noun - the noun's object type, where the last field's own is an interface or a union
 * @returns undefined when the way is not selected to its end
 */
export function wantedAlong(
  info: GraphQLResolveInfo,
  way: readonly Step[],
  noun?: string,
): Wanted | undefined {
  let found = info.fieldNodes.map((node) => ({ node, type: getNamedType(info.returnType) }));
  for (const [typeName, field] of way) {
    const type = info.schema.getType(typeName);
    const next: typeof found = [];
    for (const { node } of type === undefined ? [] : found) {
      eachField(node.selectionSet, type as GraphQLNamedType, info, (child, childType) => {
        if (child.name.value === field) {
          next.push({ node: child, type: childType as (typeof found)[number]['type'] });
        }
      });
    }
    found = next;
  }
  const end = noun === undefined ? undefined : info.schema.getType(noun);
  let wanted: Wanted | undefined;
  for (const { node, type } of found) {
    wanted = union(wanted ?? nothing, remembered(node, end ?? type, info));
  }
  return wanted;
}

/** What the field being resolved wants of a connection. */
interface ConnectionWanted {
  /** Null when neither `nodes` nor `edges.node` is selected. */
  readonly nodes: Wanted | null;
}

/** By a field's nodes, where no variable decides: each owner of a page has such a list. */
const knownOfConnections = new WeakMap<readonly FieldNode[], ConnectionWanted>();

/** What a field that returns a connection wants of the nouns in it. */
export function wantedInConnection(info: GraphQLResolveInfo): ConnectionWanted {
  const known = knownOfConnections.get(info.fieldNodes);
  if (known !== undefined) {
    return known;
  }
  const connection = getNamedType(info.returnType);
  const found: Found = { wanted: {}, byVariable: false };
  let nodes: Wanted | null = null;
  const take = (node: FieldNode, type: GraphQLNamedType) => {
    nodes = union(nodes ?? nothing, remembered(node, type, info));
    found.byVariable ||= lasting.get(node)?.has(type.name) !== true;
  };
  const takeEdge = (child: FieldNode, type: GraphQLNamedType) => {
    if (child.name.value === 'node') {
      take(child, type);
    }
  };
  for (const field of info.fieldNodes) {
    eachField(
      field.selectionSet,
      connection,
      info,
      (child, type) => {
        if (child.name.value === 'nodes') {
          take(child, type);
        } else if (child.name.value === 'edges') {
          eachField(child.selectionSet, type, info, takeEdge, found);
        }
      },
      found,
    );
  }
  if (!found.byVariable) {
    knownOfConnections.set(info.fieldNodes, { nodes });
  }
  return { nodes };
}

function remembered(node: FieldNode, type: GraphQLNamedType, info: Info): Wanted {
  const known =
    lasting.get(node)?.get(type.name) ??
    passing.get(info.variableValues)?.get(node)?.get(type.name);
  if (known !== undefined) {
    return known;
  }
  const found = { wanted: {} as Record<string, Wanted>, byVariable: false };
  gather(node.selectionSet, type, info, found);
  if (found.byVariable) {
    const nodes = entry(
      passing,
      info.variableValues,
      () => new Map<FieldNode, Map<string, Wanted>>(),
    );
    entry(nodes, node, () => new Map<string, Wanted>()).set(type.name, found.wanted);
  } else {
    entry(lasting, node, () => new Map<string, Wanted>()).set(type.name, found.wanted);
  }
  return found.wanted;
}

interface Found {
  readonly wanted: Record<string, Wanted>;
  byVariable: boolean;
}

function gather(
  selections: SelectionSetNode | undefined,
  type: GraphQLNamedType,
  info: Info,
  found: Found,
): void {
  eachField(
    selections,
    type,
    info,
    (node, fieldType, { property, needs, needsOf }) => {
      for (const needed of needsOf?.(type.name) ?? needs ?? []) {
        found.wanted[needed] ??= nothing;
      }
      if (property === undefined) {
        return;
      }
      const beyond: Found = { wanted: {}, byVariable: false };
      gather(node.selectionSet, fieldType, info, beyond);
      found.byVariable ||= beyond.byVariable;
      found.wanted[property] = union(found.wanted[property] ?? nothing, beyond.wanted);
    },
    found,
  );
}

/**
 * Visits the fields that a selection has for `type`, through fragments that apply to it: each of these
 * once, however often it is spread.
 */
function eachField(
  selections: SelectionSetNode | undefined,
  type: GraphQLNamedType,
  info: Info,
  visit: (node: FieldNode, type: GraphQLNamedType, extensions: FieldExtensions) => void,
  found?: Found,
  spread: Set<string> = new Set(),
): void {
  if (!isObjectType(type) && !isInterfaceType(type)) {
    return;
  }
  for (const selection of selections?.selections ?? []) {
    if (isConditional(selection)) {
      if (found !== undefined) {
        found.byVariable = true;
      }
      if (!isIncluded(selection, info.variableValues)) {
        continue;
      }
    }
    if (selection.kind === 'Field') {
      const field = type.getFields()[selection.name.value];
      if (field !== undefined) {
        visit(selection, getNamedType(field.type), field.extensions as FieldExtensions);
      }
      continue;
    }
    if (selection.kind === 'FragmentSpread') {
      if (spread.has(selection.name.value)) {
        continue;
      }
      spread.add(selection.name.value);
    }
    const fragment =
      selection.kind === 'InlineFragment' ? selection : info.fragments[selection.name.value];
    if (fragment !== undefined && applies(fragment.typeCondition?.name.value, type, info.schema)) {
      eachField(fragment.selectionSet, type, info, visit, found, spread);
    }
  }
}

function entry<K extends object, V>(
  map: { get(key: K): V | undefined; set(key: K, value: V): unknown },
  key: K,
  make: () => V,
): V {
  const known = map.get(key);
  if (known !== undefined) {
    return known;
  }
  const made = make();
  map.set(key, made);
  return made;
}
