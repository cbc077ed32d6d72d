/** What plugins do around an execution, called without what the usual way of calling them costs. */

import { type ExecutionArgs, type ExecutionResult, execute } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { isPromise } from '../graph/execution/filling.ts';

type Executing = NonNullable<Plugin['onExecute']>;
type Building = NonNullable<Plugin['onContextBuilding']>;
type Context = Parameters<Building>[0]['context'];
type ExecuteFn = Parameters<Executing>[0]['executeFn'];
type Later<F extends (...given: never[]) => unknown> = Exclude<Awaited<ReturnType<F>>, void>;
type Result = Parameters<NonNullable<Later<Executing>['onExecuteDone']>>[0]['result'];

/** Calls the hooks of all plugins in their order, as Envelop's `getEnveloped` does. */
export class Hooks {
  #plugins: readonly Plugin[] = [];
  #building: readonly Building[] | undefined;
  #executing: readonly Executing[] = [];

  /** Has to be among the plugins: it is told of all others. */
  readonly plugin: Plugin = {
    onPluginInit: ({ plugins }) => {
      this.#plugins = plugins as readonly Plugin[];
    },
  };

  /** Whether a plugin wraps whole phases, which is not done here. */
  get isWrapped(): boolean {
    return this.#plugins.some(({ instrumentation }) => instrumentation !== undefined);
  }

  /**
   * Adds to `context` what plugins add to it.
   *
   * @throws what a plugin throws: nothing has been executed then
   */
  async extend(context: object): Promise<void> {
    this.#building ??= this.#list();
    let isBroken = false;
    const given = {
      context: context as Context,
      extendContext: (extension: object) => {
        Object.assign(context, extension);
      },
      breakContextBuilding: () => {
        isBroken = true;
      },
    };
    const ends: Later<Building>[] = [];
    for (const hook of this.#building) {
      let end = hook(given);
      if (isPromise(end)) {
        end = await end;
      }
      if (typeof end === 'function') {
        ends.push(end);
      }
      if (isBroken) {
        return;
      }
    }
    for (const end of ends) {
      const done: unknown = end(given);
      if (isPromise(done)) {
        await done;
      }
    }
  }

  /** @throws whatever plugins and the execution throw */
  async execute(args: ExecutionArgs): Promise<ExecutionResult> {
    let result: Result | undefined;
    let isStopped = false;
    const given = {
      args: args as Parameters<Executing>[0]['args'],
      context: args.contextValue as Context,
      executeFn: execute as ExecuteFn,
      setExecuteFn: (executeFn: ExecuteFn) => {
        given.executeFn = executeFn;
      },
      setResultAndStopExecution: (stopped: Result) => {
        result = stopped;
        isStopped = true;
      },
      extendContext: (extension: object) => {
        Object.assign(args.contextValue as object, extension);
      },
    };
    const ends: Later<Executing>[] = [];
    for (const hook of this.#executing) {
      let end = hook(given);
      if (isPromise(end)) {
        end = await end;
      }
      if (end) {
        ends.push(end);
      }
      if (isStopped) {
        break;
      }
    }
    if (result === undefined) {
      const executed: unknown = given.executeFn(args);
      result = (isPromise(executed) ? await executed : executed) as Result;
    }
    const setResult = (other: Result) => {
      done.result = other;
    };
    const done = { args: given.args, result, setResult };
    for (const end of ends) {
      const after = end.onExecuteDone?.(done);
      if (isPromise(after)) {
        await after;
      }
    }
    return done.result as ExecutionResult;
  }

  /** Not before all are there: a plugin may add others. */
  #list(): readonly Building[] {
    this.#executing = this.#plugins.flatMap(({ onExecute }) => onExecute ?? []);
    return this.#plugins.flatMap(({ onContextBuilding }) => onContextBuilding ?? []);
  }
}
