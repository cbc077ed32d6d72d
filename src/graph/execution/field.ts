/** A field of a response: what is known of it beforehand, and what its resolver is told. */

import type {
  FieldNode,
  FragmentDefinitionNode,
  GraphQLField,
  GraphQLFieldResolver,
  GraphQLObjectType,
  GraphQLOutputType,
  GraphQLResolveInfo,
  GraphQLSchema,
  OperationDefinitionNode,
} from 'graphql';

export type Path = GraphQLResolveInfo['path'];
export type Variables = GraphQLResolveInfo['variableValues'];
export type Fragments = Record<string, FragmentDefinitionNode>;

/** Made of all places of the document that select it. */
export interface FieldPlan {
  /** In the response. */
  readonly key: string;
  /** Whether a field beside it, or it itself, has a key that ordinary objects take for something else. */
  readonly isAmongOdd: boolean;
  /** Whether it is there for the next execution: variables select neither it nor what it stands in. */
  readonly isKept: boolean;
  readonly nodes: [FieldNode, ...FieldNode[]];
  readonly definition: GraphQLField<unknown, unknown>;
  readonly parentType: GraphQLObjectType;
  readonly resolve: GraphQLFieldResolver<unknown, unknown>;
  readonly complete: Completion;
  /** The place of each such value where neither resolver nor completion reads it, short of a fault. */
  readonly anyPlace: Place | undefined;
  /** Null where the variables decide, or where they are at fault. */
  readonly args: Readonly<Record<string, unknown>> | null;
  /** What is selected of its value, by the value's type; only what no variable decides. */
  readonly below: Map<GraphQLObjectType, readonly FieldPlan[]>;
}

/** One execution, as far as values need it. */
export interface Executing {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fragments: Fragments;
  readonly rootValue: unknown;
  readonly context: unknown;
  readonly variables: Variables;
  /**
   * What a response shows of an object, at once or later.
   *
   * @throws {GraphQLError} of a field that may not be null
   */
  object(type: GraphQLObjectType, source: unknown, place: Place): object;
  /** @throws {GraphQLError} of an item that may not be null */
  list(items: Iterable<unknown>, type: GraphQLOutputType, complete: Completion, at: Place): object;
}

/**
 * From a resolver's value to what the response shows of it, at once or later.
 *
 * @throws what the value is not
 */
export type Completion = (executing: Executing, value: unknown, at: Place) => unknown;

/** Where a value stands in the response: a field, or an item of a field's list. */
export interface Place {
  readonly plan: FieldPlan;
  readonly path: Path;
  /** What the field's resolver is told. */
  readonly surroundings: GraphQLResolveInfo;
}

/** Without what one executor has added of its own, which no resolver here reads. */
type Told = Omit<GraphQLResolveInfo, 'getAbortSignal' | 'getAsyncHelpers'>;

/** A field's place. What it tells is made when it is read: most resolvers read none of it. */
export class FieldPlace implements Place, Told {
  readonly plan: FieldPlan;
  readonly #executing: Executing;
  readonly #within: Place | undefined;
  #path: Path | undefined;

  constructor(executing: Executing, plan: FieldPlan, within: Place | undefined) {
    this.plan = plan;
    this.#executing = executing;
    this.#within = within;
  }

  get surroundings(): GraphQLResolveInfo {
    return this as Told as GraphQLResolveInfo;
  }

  get path(): Path {
    this.#path ??= {
      prev: this.#within?.path,
      key: this.plan.key,
      typename: this.plan.parentType.name,
    };
    return this.#path;
  }

  get fieldName() {
    return this.plan.definition.name;
  }

  get fieldNodes() {
    return this.plan.nodes;
  }

  get returnType() {
    return this.plan.definition.type;
  }

  get parentType() {
    return this.plan.parentType;
  }

  get schema() {
    return this.#executing.schema;
  }

  get fragments() {
    return this.#executing.fragments;
  }

  get operation() {
    return this.#executing.operation;
  }

  get rootValue() {
    return this.#executing.rootValue;
  }

  get variableValues() {
    return this.#executing.variables;
  }
}

/** The place of a list's item. */
export class ItemPlace implements Place {
  readonly plan: FieldPlan;
  readonly #list: Place;
  readonly #key: number;

  constructor(list: Place, key: number) {
    this.plan = list.plan;
    this.#list = list;
    this.#key = key;
  }

  get surroundings(): GraphQLResolveInfo {
    return this.#list.surroundings;
  }

  get path(): Path {
    return { prev: this.#list.path, key: this.#key, typename: undefined };
  }
}
