/** From values of resolvers to values of a response. Section "Value Completion" of the specification. */

import {
  defaultTypeResolver,
  type GraphQLAbstractType,
  GraphQLError,
  type GraphQLLeafType,
  type GraphQLNullableType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import type { Completion, Executing, Place } from './field.ts';
import { isPromise, Promised } from './filling.ts';

const known = new WeakMap<GraphQLOutputType, Completion>();

/** How values of a type are completed. */
export function completionOf(type: GraphQLOutputType): Completion {
  const before = known.get(type);
  if (before !== undefined) {
    return before;
  }
  const made = isNonNullType(type) ? neverNull(completionOf(type.ofType)) : orNull(presentOf(type));
  known.set(type, made);
  return made;
}

const nameOf = ({ plan }: Place) => `${plan.parentType.name}.${plan.definition.name}`;

function neverNull(complete: Completion): Completion {
  return (executing, value, at) => {
    const completed = complete(executing, value, at);
    if (completed === null) {
      throw new Error(`Cannot return null for non-nullable field ${nameOf(at)}.`);
    }
    return completed;
  };
}

function orNull(complete: Completion): Completion {
  return (executing, value, at) => {
    if (value instanceof Error) {
      throw value;
    }
    return value === null || value === undefined ? null : complete(executing, value, at);
  };
}

function presentOf(type: GraphQLNullableType & GraphQLOutputType): Completion {
  if (isLeafType(type)) {
    return (_executing, value) => leaf(type, value);
  }
  if (isListType(type)) {
    const itemType: GraphQLOutputType = type.ofType;
    // Not before it is needed: a type may lead back to itself.
    let complete: Completion | undefined;
    return (executing, value, at) => {
      if (!isIterable(value)) {
        throw new GraphQLError(
          `Expected Iterable, but did not find one for field "${nameOf(at)}".`,
        );
      }
      complete ??= completionOf(itemType);
      return executing.list(value, itemType, complete, at);
    };
  }
  return isObjectType(type)
    ? (executing, value, at) => object(executing, type, value, at)
    : (executing, value, at) => {
        const { surroundings } = at;
        const resolve = type.resolveType ?? defaultTypeResolver;
        const found = resolve(value, executing.context, surroundings, type);
        return isPromise(found)
          ? new Promised(found, (name) =>
              object(executing, runtimeType(executing, type, name, at), value, at),
            )
          : object(executing, runtimeType(executing, type, found, at), value, at);
      };
}

function leaf(type: GraphQLLeafType, value: unknown): unknown {
  let shown: unknown;
  try {
    shown = type.serialize(value);
  } catch (error) {
    // Its place is told by the field, as for any other error.
    throw error instanceof GraphQLError ? new Error(error.message) : error;
  }
  if (shown === null || shown === undefined) {
    throw new Error(
      `Expected \`${type.name}.serialize(${String(value)})\` to return non-nullable value, returned: ${shown}`,
    );
  }
  return shown;
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}

function object(executing: Executing, type: GraphQLObjectType, value: unknown, at: Place): unknown {
  return type.isTypeOf === undefined || type.isTypeOf === null
    ? executing.object(type, value, at)
    : checkedObject(executing, type, value, at);
}

function checkedObject(
  executing: Executing,
  type: GraphQLObjectType,
  value: unknown,
  at: Place,
): unknown {
  const isTypeOf = type.isTypeOf?.(value, executing.context, at.surroundings) ?? true;
  const checked = (isOne: boolean) => {
    if (!isOne) {
      throw new GraphQLError(`Expected value of type "${type.name}" but got: ${String(value)}.`, {
        nodes: at.plan.nodes,
      });
    }
    return executing.object(type, value, at);
  };
  return isPromise(isTypeOf) ? new Promised(isTypeOf, checked) : checked(isTypeOf);
}

/** @throws {GraphQLError} when the value is of no type that may stand here */
function runtimeType(
  { schema }: Executing,
  abstract: GraphQLAbstractType,
  name: string | undefined,
  at: Place,
): GraphQLObjectType {
  const type = name === undefined || name === null ? undefined : schema.getType(name);
  if (isObjectType(type) && schema.isSubType(abstract, type)) {
    return type;
  }
  const { nodes } = at.plan;
  if (name === undefined || name === null) {
    throw new GraphQLError(
      `Abstract type "${abstract.name}" must resolve to an Object type at runtime for field "${nameOf(at)}". Either the "${abstract.name}" type should provide a "resolveType" function or each possible type should provide an "isTypeOf" function.`,
      { nodes },
    );
  }
  if (type === undefined) {
    throw new GraphQLError(
      `Abstract type "${abstract.name}" was resolved to a type "${name}" that does not exist inside the schema.`,
      { nodes },
    );
  }
  throw new GraphQLError(
    isObjectType(type)
      ? `Runtime Object type "${name}" is not a possible type for "${abstract.name}".`
      : `Abstract type "${abstract.name}" was resolved to a non-object type "${name}".`,
    { nodes },
  );
}
