/** When an operation has to be at its end. */

/** Why a session's signal has fired, where it was no client that left. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';

  constructor() {
    super('the operation took too long');
  }
}

export class Deadline {
  readonly #onPassed: (reason: DeadlineError) => void;
  #timer: NodeJS.Timeout | undefined;
  #endMs = Number.POSITIVE_INFINITY;

  constructor(onPassed: (reason: DeadlineError) => void) {
    this.#onPassed = onPassed;
  }

  /** Milliseconds; Infinity before it was set. */
  get leftMs(): number {
    return this.#endMs - performance.now();
  }

  set(ms: number): void {
    this.#endMs = performance.now() + ms;
    this.#arm();
  }

  /** Later by so many milliseconds: the client wants to wait for something. */
  prolong(ms: number): void {
    this.#endMs += ms;
    if (this.#timer !== undefined) {
      this.#arm();
    }
  }

  /** The operation is at its end. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#onPassed(new DeadlineError()), Math.max(0, this.leftMs));
  }
}
