/** Telling those who work for somebody that nobody waits any more. */

/** The part of an `AbortSignal` that calls need, so that either can be given. */
export interface StopSignal {
  readonly aborted: boolean;
  /** Why; of no meaning before. */
  readonly reason: unknown;
  addEventListener(event: 'abort', listener: () => void, options?: { readonly once: true }): void;
  removeEventListener(event: 'abort', listener: () => void): void;
}

/** Whether a signal has fired because the time is up, and not because somebody has left. */
export function isTimeUp(reason: unknown): reason is Error {
  return reason instanceof Error && reason.name === 'DeadlineError';
}

/**
 * An `AbortController` and its signal in one, for what comes several times with each operation: Node's
 * own cost ten times as much in time and memory. Listeners are called in their order, once.
 */
export class Stop implements StopSignal {
  aborted = false;
  reason: unknown;
  /** Undefined as long as there was none: most signals have one listener or none. */
  #listeners: (() => void)[] | undefined;

  /** Does nothing the second time. */
  abort(reason?: unknown): void {
    if (this.aborted) {
      return;
    }
    this.aborted = true;
    this.reason = reason;
    const listeners = this.#listeners ?? [];
    this.#listeners = undefined;
    for (const listener of listeners) {
      listener();
    }
  }

  addEventListener(_event: 'abort', listener: () => void): void {
    if (this.aborted) {
      return;
    }
    if (this.#listeners === undefined) {
      this.#listeners = [listener];
    } else {
      this.#listeners.push(listener);
    }
  }

  removeEventListener(_event: 'abort', listener: () => void): void {
    const listeners = this.#listeners;
    const place = listeners?.indexOf(listener) ?? -1;
    if (place >= 0) {
      listeners?.splice(place, 1);
    }
  }
}
