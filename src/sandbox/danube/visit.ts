/** A call that has come through the door. */

import type { Clock } from '../clock.ts';
import type { ReceivedCall } from '../server.ts';
import type { Reply } from './answers.ts';
import type { DanubeUser, DanubeWorld, Datacenter } from './model.ts';

export interface Visit {
  readonly world: DanubeWorld;
  readonly clock: Clock;
  readonly call: ReceivedCall;
  readonly user: DanubeUser;
  readonly datacenter: Datacenter;
  /** What the address's pattern has captured first: a machine's or a task's name. */
  readonly name: string;
  /** And what second, e.g. a disk's number; empty when nothing. */
  readonly place: string;
}

export interface Route {
  readonly pattern: RegExp;
  /** Anonymous callers may come; `user` is then the first of the world and must not be read. */
  readonly isOpen?: boolean;
  readonly methods: Readonly<Record<string, (visit: Visit) => Reply>>;
}
