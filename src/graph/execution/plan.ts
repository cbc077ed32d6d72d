/** Which fields a document selects of a value, found out once and kept as long as the document. */

import {
  defaultFieldResolver,
  type FieldNode,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLSchema,
  getArgumentValues,
  getNullableType,
  isLeafType,
  Kind,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionNode,
  type SelectionSetNode,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
  type ValueNode,
} from 'graphql';
import { applies, isConditional, isIncluded } from '../conditions.ts';
import { completionOf } from './completion.ts';
import {
  type Executing,
  FieldPlace,
  type FieldPlan,
  type Fragments,
  type Place,
  type Variables,
} from './field.ts';

/** More than people write: whoever makes more of fragments in fragments has it planned anew each time. */
const mostKept = 2_000;

/** What is known of one operation. */
export class OperationPlan {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fragments: Fragments;
  readonly #root = new Map<GraphQLObjectType, readonly FieldPlan[]>();
  #kept = 0;

  constructor(schema: GraphQLSchema, operation: OperationDefinitionNode, fragments: Fragments) {
    this.schema = schema;
    this.operation = operation;
    this.fragments = fragments;
  }

  /** Whether it is small enough to be kept for the next execution. */
  get isSmall(): boolean {
    return this.#kept <= mostKept;
  }

  /**
   * The fields of a value.
   *
   * @param field - whose value it is; the operation's root when absent
   * @param passing - where fields are kept that this execution's variables decide
   */
  fieldsOf(
    type: GraphQLObjectType,
    field: FieldPlan | undefined,
    variables: Variables,
    passing: Map<unknown, Map<GraphQLObjectType, readonly FieldPlan[]>>,
  ): readonly FieldPlan[] {
    const lasting = field?.below ?? this.#root;
    return (
      lasting.get(type) ??
      passing.get(lasting)?.get(type) ??
      this.#collect(type, field, lasting, variables, passing)
    );
  }

  #collect(
    type: GraphQLObjectType,
    field: FieldPlan | undefined,
    lasting: Map<GraphQLObjectType, readonly FieldPlan[]>,
    variables: Variables,
    passing: Map<unknown, Map<GraphQLObjectType, readonly FieldPlan[]>>,
  ): readonly FieldPlan[] {
    const collecting = new Collecting(this, type, variables);
    for (const { selectionSet } of field?.nodes ?? [this.operation]) {
      collecting.add(selectionSet);
    }
    const isAmongOdd = collecting.found.has('__proto__');
    const isKept = !collecting.byVariable && field?.isKept !== false;
    const fields = [...collecting.found].map(([key, nodes]) =>
      this.#plan(key, nodes, type, isAmongOdd, isKept),
    );
    const found = fields.filter((plan) => plan !== undefined);
    if (collecting.byVariable) {
      passing.set(lasting, new Map([...(passing.get(lasting) ?? []), [type, found]]));
    } else {
      lasting.set(type, found);
    }
    this.#kept += isKept ? found.length : 0;
    return found;
  }

  #plan(
    key: string,
    nodes: [FieldNode, ...FieldNode[]],
    parentType: GraphQLObjectType,
    isAmongOdd: boolean,
    isKept: boolean,
  ): FieldPlan | undefined {
    const definition = this.#definitionOf(nodes[0].name.value, parentType);
    if (definition === undefined) {
      return undefined;
    }
    const resolve = definition.resolve ?? defaultFieldResolver;
    const plan = {
      key,
      isAmongOdd,
      isKept,
      nodes,
      definition,
      parentType,
      resolve,
      complete: completionOf(definition.type),
      anyPlace: undefined as Place | undefined,
      args: constantArguments(definition, nodes[0]),
      below: new Map(),
    };
    if (isLeafType(getNullableType(definition.type)) && !readsPlace(resolve)) {
      plan.anyPlace = new FieldPlace(nowhere, plan, undefined);
    }
    return plan;
  }

  #definitionOf(name: string, type: GraphQLObjectType): GraphQLField<unknown, unknown> | undefined {
    if (name === TypeNameMetaFieldDef.name) {
      return TypeNameMetaFieldDef;
    }
    if (type === this.schema.getQueryType()) {
      if (name === SchemaMetaFieldDef.name) {
        return SchemaMetaFieldDef;
      }
      if (name === TypeMetaFieldDef.name) {
        return TypeMetaFieldDef;
      }
    }
    return type.getFields()[name];
  }
}

/** Section "Field Collection" of the GraphQL specification. */
class Collecting {
  readonly found = new Map<string, [FieldNode, ...FieldNode[]]>();
  /** Whether other variables may select other fields. */
  byVariable = false;
  readonly #plan: OperationPlan;
  readonly #type: GraphQLObjectType;
  readonly #variables: Variables;
  readonly #spread = new Set<string>();

  constructor(plan: OperationPlan, type: GraphQLObjectType, variables: Variables) {
    this.#plan = plan;
    this.#type = type;
    this.#variables = variables;
  }

  add(selections: SelectionSetNode | undefined): void {
    for (const selection of selections?.selections ?? []) {
      const hasCondition = isConditional(selection);
      this.byVariable ||= hasCondition;
      if (!hasCondition || isIncluded(selection, this.#variables)) {
        this.#take(selection);
      }
    }
  }

  #take(selection: SelectionNode): void {
    if (selection.kind === Kind.FIELD) {
      const key = selection.alias?.value ?? selection.name.value;
      const nodes = this.found.get(key);
      if (nodes === undefined) {
        this.found.set(key, [selection]);
      } else {
        nodes.push(selection);
      }
      return;
    }
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      if (this.#applies(selection.typeCondition?.name.value)) {
        this.add(selection.selectionSet);
      }
      return;
    }
    const name = selection.name.value;
    const fragment = this.#plan.fragments[name];
    if (!this.#spread.has(name) && fragment && this.#applies(fragment.typeCondition.name.value)) {
      this.#spread.add(name);
      this.add(fragment.selectionSet);
    }
  }

  #applies(condition: string | undefined): boolean {
    return applies(condition, this.#type, this.#plan.schema);
  }
}

/** Whether a resolver takes more than source, arguments and context. */
function readsPlace(resolve: GraphQLFieldResolver<unknown, unknown>): boolean {
  const takesNamed = resolve.length >= 1 && resolve.length <= 3;
  return !takesNamed || /\.\.\.|\barguments\b/.test(resolve.toString());
}

/** Nobody asks it. */
const nowhere = {} as Executing;

function hasVariable(value: ValueNode): boolean {
  switch (value.kind) {
    case Kind.VARIABLE:
      return true;
    case Kind.LIST:
      return value.values.some(hasVariable);
    case Kind.OBJECT:
      return value.fields.some((field) => hasVariable(field.value));
    default:
      return false;
  }
}

/** As deep as it goes: all executions of a document have it in common. */
function frozen<V>(value: V): V {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const within of Object.values(value)) {
      frozen(within);
    }
  }
  return value;
}

function constantArguments(definition: GraphQLField<unknown, unknown>, node: FieldNode) {
  if (node.arguments?.some(({ value }) => hasVariable(value))) {
    return null;
  }
  try {
    return frozen(getArgumentValues(definition, node, {}));
  } catch {
    // Told where the field is executed, with its path.
    return null;
  }
}
