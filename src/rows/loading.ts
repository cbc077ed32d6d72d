/** What is on its way to rows that lack it. */

/**
 * A thing that is being read again, for what its row does not hold. Hundreds of rows may wait for one call:
 * all of these have one promise in common, and none of its own.
 */
export class Loading<R> {
  /** By property. */
  readonly wanted: object;
  /** What has come. */
  row: R | undefined;
  #failure: { readonly reason: unknown } | undefined;
  #end: Promise<void> | undefined;

  constructor(wanted: object) {
    this.wanted = wanted;
  }

  /** Ends when something has come or failed to, and is never rejected; undefined when that has been. */
  get end(): Promise<void> | undefined {
    return this.row === undefined && this.#failure === undefined ? this.#end : undefined;
  }

  take(row: R): void {
    this.row = row;
  }

  fail(reason: unknown): void {
    this.#failure = { reason };
  }

  takeFrom(coming: Promise<R>): Promise<void> {
    return coming.then(
      (row) => this.take(row),
      (reason: unknown) => this.fail(reason),
    );
  }

  /** @param end - never rejected, and after something has been told */
  endsWith(end: Promise<void>): this {
    this.#end = end;
    return this;
  }

  /** @throws {UpstreamFailure} `not-found` too */
  async come(): Promise<R> {
    await this.#end;
    if (this.row === undefined) {
      throw this.#failure?.reason ?? new Error('nothing has come');
    }
    return this.row;
  }
}
