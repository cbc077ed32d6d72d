/** What the rows of one answer lead to. */

/**
 * The rows that the rows of one answer lead to: those that lead to the same thing share one, so what
 * it lacks is loaded and waited for once.
 */
export class Links<R> {
  readonly #byView = new Map<object, Map<unknown, R>>();

  /** By the view that leads there, and what tells things of a noun apart. */
  of(view: object): Map<unknown, R> {
    const known = this.#byView.get(view);
    if (known !== undefined) {
      return known;
    }
    const rows = new Map<unknown, R>();
    this.#byView.set(view, rows);
    return rows;
  }
}
