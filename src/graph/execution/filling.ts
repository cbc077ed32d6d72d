/** Objects and lists of a response of which some values have still to come. */

/** Who waits for a value. One of the two is called, once. */
export interface Listener {
  done(value: unknown): void;
  failed(reason: unknown): void;
}

/** A value to come. It has one listener, who listens before anything can have come. */
export abstract class Later {
  abstract listen(listener: Listener): void;
}

/** What is made of a promise's value, which may be another one to come. */
export class Promised<V> extends Later {
  readonly #promise: PromiseLike<V>;
  readonly #made: (value: V) => unknown;

  /** @param made - may throw */
  constructor(promise: PromiseLike<V>, made: (value: V) => unknown) {
    super();
    this.#promise = promise;
    this.#made = made;
  }

  override listen(listener: Listener): void {
    this.#promise.then(
      (value) => {
        let made: unknown;
        try {
          made = this.#made(value);
        } catch (reason) {
          listener.failed(reason);
          return;
        }
        // At once: a tick later, what it waits for may have come, and nobody been told.
        if (made instanceof Later) {
          made.listen(listener);
        } else {
          listener.done(made);
        }
      },
      (reason: unknown) => listener.failed(reason),
    );
  }
}

type Container = Record<string | number, unknown>;

/** An object or list that is done when its last value has come; it fails with the first that does. */
export class Filling extends Later {
  readonly #into: Container;
  #left = 0;
  #isOver = false;
  #listener: Listener | undefined;
  #fault: { readonly reason: unknown } | undefined;

  constructor(into: object) {
    super();
    this.#into = into as Container;
  }

  override listen(listener: Listener): void {
    this.#listener = listener;
  }

  /** One more value has to come. */
  expect(key: string | number): void {
    // Keeps the place: a response's fields stand in the query's order.
    this.#into[key] = undefined;
    this.#left += 1;
  }

  set(key: string | number, value: unknown): void {
    this.#into[key] = value;
    this.#left -= 1;
    if (this.#left === 0 && !this.#isOver) {
      this.#isOver = true;
      if (this.#fault === undefined) {
        this.#listener?.done(this.#into);
      } else {
        this.#listener?.failed(this.#fault.reason);
      }
    }
  }

  fail(reason: unknown): void {
    if (!this.#isOver) {
      this.#isOver = true;
      this.#listener?.failed(this.#fault === undefined ? reason : this.#fault.reason);
    }
  }

  /** A value has failed at once: told when those have come that were begun before it. */
  spoil(reason: unknown): void {
    this.#fault = { reason };
  }
}

export function isPromise<V>(value: V | PromiseLike<V>): value is PromiseLike<V> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { then?: unknown }).then === 'function'
  );
}
