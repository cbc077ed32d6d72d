/**
 * The execution of queries whose documents come again and again.
 *
 * Results are those of GraphQL's usual executors, errors with their paths and places included. What
 * differs is the work: fields and constant arguments are found out once for a document and not for each
 * execution, nothing is awaited that is there, and what a resolver is told of its surroundings is made
 * when it is read. No code is generated, so a document costs no more than what is executed of it.
 */

import {
  type GraphQLError,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getArgumentValues,
  isNonNullType,
  locatedError,
} from 'graphql';
import { Row } from '../../rows/row.ts';
import { Arrivals } from './arriving.ts';
import {
  type Completion,
  type Executing,
  FieldPlace,
  type FieldPlan,
  ItemPlace,
  type Path,
  type Place,
  type Variables,
} from './field.ts';
import { Filling, isPromise, Later, type Listener } from './filling.ts';
import type { OperationPlan } from './plan.ts';

export class Execution implements Executing {
  readonly rootValue: unknown;
  readonly context: unknown;
  readonly variables: Variables;
  readonly errors: GraphQLError[] = [];
  readonly #plan: OperationPlan;
  readonly #passing = new Map<unknown, Map<GraphQLObjectType, readonly FieldPlan[]>>();
  readonly #args = new Map<FieldPlan, Readonly<Record<string, unknown>>>();
  #arrivals: Arrivals | undefined;

  constructor(plan: OperationPlan, rootValue: unknown, context: unknown, variables: Variables) {
    this.#plan = plan;
    this.rootValue = rootValue;
    this.context = context;
    this.variables = variables;
  }

  get schema() {
    return this.#plan.schema;
  }

  get operation() {
    return this.#plan.operation;
  }

  get fragments() {
    return this.#plan.fragments;
  }

  object(type: GraphQLObjectType, source: unknown, at: Place): object {
    const end = source instanceof Row ? source.coming : undefined;
    if (end !== undefined && this.#fieldsOf(type, at).every(isValue)) {
      this.#arrivals ??= new Arrivals(this);
      return this.#arrivals.shown(type, source as Row, end, at);
    }
    return this.fill(type, source, at);
  }

  #fieldsOf(type: GraphQLObjectType, at: Place | undefined): readonly FieldPlan[] {
    return this.#plan.fieldsOf(type, at?.plan, this.variables, this.#passing);
  }

  /** The same of what is there, or waited for value by value. @param at - absent for the root */
  fill(type: GraphQLObjectType, source: unknown, at?: Place): object {
    const fields = this.#fieldsOf(type, at);
    // Those without a prototype are slow to make and to print.
    const shown: Record<string, unknown> = fields[0]?.isAmongOdd ? Object.create(null) : {};
    let filling: Filling | undefined;
    for (const plan of fields) {
      let place = plan.anyPlace ?? new FieldPlace(this, plan, at);
      let value: unknown;
      try {
        const args = plan.args ?? this.#argumentsOf(plan);
        const resolved: unknown = plan.resolve(source, args, this.context, place.surroundings);
        if (isPromise(resolved)) {
          place = this.#placeOf(plan, at, place);
          filling ??= new Filling(shown);
          const { definition, complete, key } = plan;
          new Entry(this, filling, key, definition.type, complete, place).wait(resolved);
          continue;
        }
        value = plan.complete(this, resolved, place);
      } catch (reason) {
        try {
          place = this.#placeOf(plan, at, place);
          value = this.told(reason, plan.definition.type, place);
        } catch (error) {
          if (filling === undefined) {
            throw error;
          }
          filling.spoil(error);
          return filling;
        }
      }
      if (value instanceof Later) {
        filling ??= new Filling(shown);
        const { definition, complete, key } = plan;
        value.listen(new Entry(this, filling, key, definition.type, complete, place));
      } else {
        shown[plan.key] = value;
      }
    }
    return filling ?? shown;
  }

  list(items: Iterable<unknown>, type: GraphQLOutputType, complete: Completion, at: Place): object {
    const shown: unknown[] = [];
    let filling: Filling | undefined;
    for (const item of items) {
      const key = shown.length;
      const place = new ItemPlace(at, key);
      let value: unknown;
      if (isPromise(item)) {
        filling ??= new Filling(shown);
        new Entry(this, filling, key, type, complete, place).wait(item);
        continue;
      }
      try {
        value = complete(this, item, place);
      } catch (reason) {
        value = this.told(reason, type, place);
      }
      if (value instanceof Later) {
        filling ??= new Filling(shown);
        value.listen(new Entry(this, filling, key, type, complete, place));
      } else {
        shown.push(value);
      }
    }
    return filling ?? shown;
  }

  /** Adds to the errors: null for what may be null. @throws {GraphQLError} for what may not */
  told(reason: unknown, type: GraphQLOutputType, { plan, path }: Place): null {
    const error = locatedError(asError(reason), plan.nodes, keysOf(path));
    if (isNonNullType(type)) {
      throw error;
    }
    this.errors.push(error);
    return null;
  }

  /** Where it is that something has come of any place. */
  #placeOf(plan: FieldPlan, at: Place | undefined, place: Place): Place {
    return place === plan.anyPlace ? new FieldPlace(this, plan, at) : place;
  }

  #argumentsOf(plan: FieldPlan): Readonly<Record<string, unknown>> {
    const known = this.#args.get(plan);
    if (known !== undefined) {
      return known;
    }
    const args = getArgumentValues(plan.definition, plan.nodes[0], this.variables);
    this.#args.set(plan, args);
    return args;
  }
}

/** Whether nothing is selected of it, and its resolver takes nothing of its place. */
function isValue({ anyPlace }: FieldPlan): boolean {
  return anyPlace !== undefined;
}

/** A field's value or a list's item that has to come. */
class Entry implements Listener {
  readonly #execution: Execution;
  readonly #filling: Filling;
  readonly #key: string | number;
  readonly #type: GraphQLOutputType;
  readonly #complete: Completion;
  readonly #place: Place;

  constructor(
    execution: Execution,
    filling: Filling,
    key: string | number,
    type: GraphQLOutputType,
    complete: Completion,
    place: Place,
  ) {
    this.#execution = execution;
    this.#filling = filling;
    this.#key = key;
    this.#type = type;
    this.#complete = complete;
    this.#place = place;
    filling.expect(key);
  }

  wait(promise: PromiseLike<unknown>): void {
    promise.then(
      (value) => this.#take(value),
      (reason: unknown) => this.failed(reason),
    );
  }

  done(value: unknown): void {
    this.#filling.set(this.#key, value);
  }

  failed(reason: unknown): void {
    try {
      this.done(this.#execution.told(reason, this.#type, this.#place));
    } catch (error) {
      this.#filling.fail(error);
    }
  }

  #take(resolved: unknown): void {
    let value: unknown;
    try {
      value = this.#complete(this.#execution, resolved, this.#place);
    } catch (reason) {
      this.failed(reason);
      return;
    }
    if (value instanceof Later) {
      value.listen(this);
    } else {
      this.done(value);
    }
  }
}

function keysOf(path: Path): (string | number)[] {
  const keys: (string | number)[] = [];
  for (let at: Path | undefined = path; at !== undefined; at = at.prev) {
    keys.push(at.key);
  }
  return keys.reverse();
}

/** Whatever is thrown, as GraphQL's executors show it. */
function asError(reason: unknown): Error {
  if (reason instanceof Error) {
    return reason;
  }
  const message = (reason as { readonly message?: unknown } | null | undefined)?.message;
  return new Error(typeof message === 'string' ? message : String(reason));
}
