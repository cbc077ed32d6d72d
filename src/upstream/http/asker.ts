/** Who asks for calls, and who hears of them. */

import type { UpstreamName } from '../../failure.ts';
import type { HttpAnswer } from './answer.ts';
import type { HttpRequest } from './send.ts';
import type { Waiter } from './sharing.ts';

/** A call as it went, for whoever wants an explanation. */
export interface ObservedCall {
  readonly upstream: UpstreamName;
  readonly method: HttpRequest['method'];
  /** With its query. */
  readonly path: string;
  /** The same with a word for everything that differs from thing to thing, e.g. `/api/projects/{uuid}/`. */
  readonly route: string;
  /** Null when there was no answer. */
  readonly status: number | null;
  /** From asking to the answer's end, waiting for a free lane included. */
  readonly durationMs: number;
  /** Of the body; 0 when there was no answer. */
  readonly bytes: number;
  /** Whether it joined a call that was under way, or was answered by what another has brought. */
  readonly shared: boolean;
  /** Calls that the caller's credential had left then; null where nobody counts, or none was made. */
  readonly budgetLeft: number | null;
  /** How often it was sent, as far as is known: readings that fail in passing are tried again. */
  readonly tries: number;
}

/** Whoever wants to know of calls. */
export interface Observer {
  readonly onCall: (call: ObservedCall) => void;
  /** Comes after the call, from whoever has read its answer; not at all where rows are no question. */
  readonly onRows: (call: ObservedCall, rows: number) => void;
}

/** Who asks. Writes go on when this one has left. */
export interface Asker extends Waiter {
  /** Tells callers apart, by everything that can make their answers differ. */
  readonly fingerprint: string;
  /** Whose calls are counted together; the fingerprint where absent. */
  readonly payer?: string | undefined;
  /** Whether others go first where calls are counted. */
  readonly isPatient?: boolean | undefined;
  readonly observer: Observer | undefined;
}

export interface Answered {
  readonly answer: HttpAnswer;
  /** Tells how many rows are in the answer. */
  readonly countRows: (rows: number) => void;
}
