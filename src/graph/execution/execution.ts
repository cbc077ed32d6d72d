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
  /** By the promises that fields wait for. */
  readonly #waiting = new Map<unknown, Waiting>();

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

  object(type: GraphQLObjectType, source: unknown, at: Place | undefined): object {
    const fields = this.#plan.fieldsOf(type, at?.plan, this.variables, this.#passing);
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
          this.#wait(
            resolved,
            plan,
            new Entry(this, filling, key, definition.type, complete, place),
          );
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

  /** Fields of one plan may wait for the same, as rows do that lead to one thing: it is completed once. */
  #wait(promise: PromiseLike<unknown>, plan: FieldPlan, entry: Entry): void {
    const waiting = this.#waiting.get(promise);
    if (waiting?.plan === plan) {
      waiting.others.push(entry);
    } else if (waiting === undefined && promise instanceof Promise) {
      this.#waitFirst(promise, plan, entry);
    } else {
      entry.wait(promise);
    }
  }

  /** Apart, so that those who come later pay for none of its functions. */
  #waitFirst(promise: Promise<unknown>, plan: FieldPlan, entry: Entry): void {
    const others: Entry[] = [];
    this.#waiting.set(promise, { plan, others });
    // Whoever comes later waits for the same on their own.
    const end = () => this.#waiting.delete(promise);
    promise.then(
      (value) => {
        end();
        entry.takeWith(others, value);
      },
      (reason: unknown) => {
        end();
        for (const one of [entry, ...others]) {
          one.failed(reason);
        }
      },
    );
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

interface Waiting {
  readonly plan: FieldPlan;
  readonly others: Entry[];
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
      (value) => void this.#take(value),
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

  /** @param others - take the same, each at its own place */
  takeWith(others: readonly Entry[], resolved: unknown): void {
    const { errors } = this.#execution;
    const before = errors.length;
    const value = this.#take(resolved);
    // What is wrong with it is told for each place.
    const isFine = value !== undefined && errors.length === before;
    for (const other of others) {
      if (isFine) {
        other.done(value);
      } else {
        other.#take(resolved);
      }
    }
  }

  /** @returns what is shown; undefined when that has still to come, or has failed */
  #take(resolved: unknown): unknown {
    let value: unknown;
    try {
      value = this.#complete(this.#execution, resolved, this.#place);
    } catch (reason) {
      this.failed(reason);
      return undefined;
    }
    if (value instanceof Later) {
      value.listen(this);
      return undefined;
    }
    this.done(value);
    return value;
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
