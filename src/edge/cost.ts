/** What an operation may cost, with the variables of this execution: objects, and calls to clouds. */

import {
  type DocumentNode,
  type FieldNode,
  GraphQLError,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';
import { defaultPageLength } from '../graph/paging.ts';
import { limitExceeded } from './document-limits.ts';

/** A call is worth so many objects. */
const costOfCall = 10;
/** How long lists are taken to be that nobody limits, such as a group's rules. */
const usualLength = 10;
/** Arguments by which the client says how many there will be. */
const sizes = ['first', 'last'];
const lists = ['ids', 'representations'];

/** What is read of `GraphQLField.extensions`, for fields whose cost cannot be seen by their types. */
interface FieldCosts {
  /** Calls that it may need by itself. */
  readonly calls?: number;
  /** The argument that lists of what there will be one each. */
  readonly listedBy?: string;
  /** The argument that says how long the first list inside of it may be. */
  readonly each?: string;
}

type Variables = Readonly<Record<string, unknown>>;
type Size = (variables: Variables) => number;

/** A cost that depends on nothing but variables. */
interface Costing {
  readonly own: number;
  readonly size: Size;
  readonly below: readonly Costing[];
  /** Whether it is a fragment, which may be spread often: its cost is then reckoned once. */
  readonly isSpread?: boolean;
}

function givenBy(node: ValueNode | undefined, variables: Variables): unknown {
  switch (node?.kind) {
    case Kind.VARIABLE:
      return variables[node.name.value];
    case Kind.INT:
      return Number(node.value);
    case Kind.LIST:
      return node.values;
    default:
      return undefined;
  }
}

/** What an argument says, or its default, or else the usual. */
function sizeBy(argument: string, node: FieldNode, field: GraphQLField<unknown, unknown>): Size {
  const given = node.arguments?.find(({ name }) => name.value === argument)?.value;
  const usual: unknown = field.args.find(({ name }) => name === argument)?.defaultValue;
  return (variables) => {
    const size = givenBy(given, variables) ?? usual;
    return typeof size === 'number' && Number.isFinite(size) ? Math.max(0, size) : usualLength;
  };
}

/** How many things a field may give, by its arguments. */
function sizeOf(node: FieldNode, isConnection: boolean, listedBy?: string): Size {
  const named = (names: readonly string[]) =>
    node.arguments?.filter(({ name }) => names.includes(name.value)) ?? [];
  const listed = named(listedBy === undefined ? lists : [listedBy])[0];
  if (listed !== undefined) {
    return (variables) => {
      const given = givenBy(listed.value, variables);
      return Array.isArray(given) ? given.length : listedBy === undefined ? 1 : usualLength;
    };
  }
  if (!isConnection) {
    return () => usualLength;
  }
  const given = named(sizes);
  return (variables) => {
    for (const { value } of given) {
      const size = givenBy(value, variables);
      if (typeof size === 'number' && Number.isFinite(size)) {
        return Math.max(0, size);
      }
    }
    return defaultPageLength;
  };
}

const one: Size = () => 1;

/** Compiles an operation, through its fragments; each of these once. */
class Compiling {
  readonly #schema: GraphQLSchema;
  readonly #fragments = new Map<string, SelectionSetNode>();
  readonly #types = new Map<string, string>();
  /** By name, and by how long the first list in it is said to be. */
  readonly #known = new Map<Size | undefined, Map<string, Costing>>();

  constructor(schema: GraphQLSchema, document: DocumentNode) {
    this.#schema = schema;
    for (const definition of document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) {
        this.#fragments.set(definition.name.value, definition.selectionSet);
        this.#types.set(definition.name.value, definition.typeCondition.name.value);
      }
    }
  }

  selections(
    node: SelectionSetNode | undefined,
    type: GraphQLNamedType | undefined,
    isRoot = false,
    within?: Size,
  ): readonly Costing[] {
    const found: Costing[] = [];
    for (const selection of node?.selections ?? []) {
      if (selection.kind === Kind.FIELD) {
        const field = this.#field(selection, type, isRoot, within);
        if (field !== undefined) {
          found.push(field);
        }
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        const name = selection.typeCondition?.name.value;
        const narrowed = name === undefined ? type : this.#schema.getType(name);
        found.push(...this.selections(selection.selectionSet, narrowed, isRoot, within));
      } else {
        found.push(this.#fragment(selection.name.value, isRoot, within));
      }
    }
    return found;
  }

  #fragment(name: string, isRoot: boolean, within: Size | undefined): Costing {
    const byName = this.#known.get(within) ?? new Map<string, Costing>();
    this.#known.set(within, byName);
    const known = byName.get(name);
    if (known !== undefined) {
      return known;
    }
    const type = this.#schema.getType(this.#types.get(name) ?? '');
    const below = this.selections(this.#fragments.get(name), type, isRoot, within);
    const found: Costing = { own: 0, size: one, below, isSpread: true };
    byName.set(name, found);
    return found;
  }

  #field(
    node: FieldNode,
    type: GraphQLNamedType | undefined,
    isRoot: boolean,
    within: Size | undefined,
  ): Costing | undefined {
    const field =
      isObjectType(type) || isInterfaceType(type) ? type.getFields()[node.name.value] : undefined;
    if (field === undefined) {
      return isRoot && !node.name.value.startsWith('__')
        ? { own: costOfCall, size: one, below: [] }
        : undefined;
    }
    const returned = getNamedType(field.type);
    if (!isCompositeType(returned)) {
      return isRoot ? { own: costOfCall, size: one, below: [] } : undefined;
    }
    const isConnection = returned.name.endsWith('Connection');
    const isList = isListType(getNullableType(field.type));
    // A connection's own fields show the same things again: its size counts once, at the top.
    const isInside = type?.name.endsWith('Connection') === true;
    const { calls, listedBy, each } = (field.extensions.costs ?? {}) as FieldCosts;
    const isSized = within !== undefined && isList;
    const size = isSized
      ? within
      : isConnection || (isList && !isInside)
        ? sizeOf(node, isConnection, listedBy)
        : one;
    const inner = each === undefined ? (isList ? undefined : within) : sizeBy(each, node, field);
    const below = this.selections(node.selectionSet, returned, false, inner);
    const object: Costing = { own: isConnection ? 0 : 1, size: one, below };
    const own = costOfCall * (calls ?? (isRoot || isConnection ? 1 : 0));
    return { own, size, below: [object] };
  }
}

type Spread = Map<Costing, number>;

function costOf(costing: Costing, variables: Variables, spread: Spread): number {
  const known = costing.isSpread === true ? spread.get(costing) : undefined;
  if (known !== undefined) {
    return known;
  }
  let each = 0;
  for (const below of costing.below) {
    each += costOf(below, variables, spread);
  }
  const cost = costing.own + (each === 0 ? 0 : costing.size(variables) * each);
  if (costing.isSpread === true) {
    spread.set(costing, cost);
  }
  return cost;
}

/** Numbers that variables are when nothing else is said. */
function defaultsOf({ variableDefinitions }: OperationDefinitionNode): Variables {
  const defaults: Record<string, unknown> = {};
  for (const { variable, defaultValue } of variableDefinitions ?? []) {
    if (defaultValue !== undefined) {
      defaults[variable.name.value] = givenBy(defaultValue, {});
    }
  }
  return defaults;
}

const compiled = new WeakMap<OperationDefinitionNode, readonly Costing[]>();

/**
 * The cost of an operation: one for each object that it may give, and ten for each call that it may
 * need at its root and for each connection, once for each thing that has one, unless the field's own
 * `extensions.costs` say otherwise. Links are not counted as calls: those of a page are planned
 * together.
 *
 * @param operation - of a valid document
 * @param variables - as given
 */
export function operationCost(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables,
): number {
  let costing = compiled.get(operation);
  if (costing === undefined) {
    const root = schema.getRootType(operation.operation) ?? undefined;
    costing = new Compiling(schema, document).selections(operation.selectionSet, root, true);
    compiled.set(operation, costing);
  }
  const spread: Spread = new Map();
  const all = { ...defaultsOf(operation), ...variables };
  return costing.reduce((sum, field) => sum + costOf(field, all, spread), 0);
}

/** Says that an operation would cost too much. */
export function costError(cost: number, most: number): GraphQLError {
  return new GraphQLError(`The operation may cost ${cost}, of at most ${most}.`, {
    extensions: { code: limitExceeded, limit: 'cost', most, found: cost },
  });
}
