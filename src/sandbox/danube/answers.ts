/** Danube's four shapes of answers. */

import { randomBytes } from 'node:crypto';
import type { Answer } from '../server.ts';
import type { DanubeUser, Datacenter, Task } from './model.ts';
import { taskId } from './tasks.ts';

/** Thrown by whatever finds that there is nothing more to do but to refuse. */
export class Refusal extends Error {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) {
    super(`refused with ${status}`);
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

/** An exception: a detail, and no envelope. */
export function refuse(
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): never {
  throw new Refusal(status, { detail: text }, headers);
}

/** What a handler gives; the door adds headers and writes the JSON. */
export interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly rows?: number;
  /** The task that was accepted, which the caller may want to wait for. */
  readonly task?: Task;
}

/** A synchronous success in its envelope, with the id of a task that never was. */
export function success(user: DanubeUser, datacenter: Datacenter, result: unknown): Reply {
  const id = taskId('d', user, user, datacenter, randomBytes(10).toString('hex'));
  return {
    status: 200,
    body: { task_id: id, status: 'SUCCESS', result },
    headers: { es_task_id: id },
    ...(Array.isArray(result) ? { rows: result.length } : {}),
  };
}

/** A synchronous failure in its envelope: texts by field, or one about the whole. */
export function failure(
  { user, datacenter }: { readonly user: DanubeUser; readonly datacenter: Datacenter },
  result: Readonly<Record<string, readonly string[]>> | string,
): Reply {
  const { body } = success(user, datacenter, null);
  return { status: 400, body: { ...(body as object), status: 'FAILURE', result } };
}

/** Text that calls itself JSON: Danube's way to say that there is no such address. */
export function bareText(status: number, text: string): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body: text };
}
