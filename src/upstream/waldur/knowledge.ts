/** How large collections were when a caller last saw them. */

/** Bounds that keep a long-running process small. */
const maxCallers = 1_000;
const maxListsPerCaller = 200;
/** Sizes change slowly; a wrong one only costs a call. */
const maxAgeMs = 10 * 60_000;

interface Seen {
  readonly total: number;
  readonly atMs: number;
}

/** One caller's; what another sees is nobody else's business. */
export class SeenSizes {
  readonly #seen = new Map<string, Seen>();

  /**
   * @param list - a collection, with its filter if it has one
   * @param total - rows of all pages
   */
  note(list: string, total: number, nowMs: number): void {
    // Reinserted, so that the one that was noted longest ago comes first.
    this.#seen.delete(list);
    this.#seen.set(list, { total, atMs: nowMs });
    dropOldest(this.#seen, maxListsPerCaller);
  }

  /** Undefined when it was never seen, or too long ago. */
  total(list: string, nowMs: number): number | undefined {
    const seen = this.#seen.get(list);
    return seen !== undefined && nowMs - seen.atMs <= maxAgeMs ? seen.total : undefined;
  }

  get size(): number {
    return this.#seen.size;
  }
}

/** Everybody's, apart from each other. */
export class Sizes {
  readonly #callers = new Map<string, SeenSizes>();

  /** @param caller - the fingerprint: credential, impersonated user and address */
  of(caller: string): SeenSizes {
    const known = this.#callers.get(caller) ?? new SeenSizes();
    this.#callers.delete(caller);
    this.#callers.set(caller, known);
    dropOldest(this.#callers, maxCallers);
    return known;
  }

  get size(): number {
    return this.#callers.size;
  }
}

function dropOldest(map: Map<string, unknown>, most: number): void {
  for (const key of map.keys()) {
    if (map.size <= most) {
      return;
    }
    map.delete(key);
  }
}
