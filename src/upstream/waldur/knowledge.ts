/** How large collections were when a caller last saw them. */

/** Bounds that keep a long-running process small. */
const maxCallers = 1_000;
const maxListsPerCaller = 200;
/** Sizes change slowly; a wrong one only costs a call. */
const maxAgeMs = 10 * 60_000;
/** Whoever comes again sooner keeps the place: moving up costs more than it is worth. */
const restMs = 10_000;

interface Seen {
  total: number;
  atMs: number;
  /** When it was put behind the others. */
  readonly movedMs: number;
}

/** One caller's; what another sees is nobody else's business. */
export class SeenSizes {
  readonly #seen = new Map<string, Seen>();

  /**
   * @param list - a collection, with its filter if it has one
   * @param total - rows of all pages
   */
  note(list: string, total: number, nowMs: number): void {
    const known = this.#seen.get(list);
    if (known !== undefined && nowMs - known.movedMs < restMs) {
      known.total = total;
      known.atMs = nowMs;
    } else {
      moveUp(this.#seen, list, { total, atMs: nowMs, movedMs: nowMs }, maxListsPerCaller);
    }
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
  readonly #callers = new Map<string, { readonly sizes: SeenSizes; readonly movedMs: number }>();

  /** @param caller - the fingerprint: credential, impersonated user and address */
  of(caller: string, nowMs: number): SeenSizes {
    const known = this.#callers.get(caller);
    if (known !== undefined && nowMs - known.movedMs < restMs) {
      return known.sizes;
    }
    const sizes = known?.sizes ?? new SeenSizes();
    moveUp(this.#callers, caller, { sizes, movedMs: nowMs }, maxCallers);
    return sizes;
  }

  get size(): number {
    return this.#callers.size;
  }
}

/** Puts the entry behind all others, and drops the foremost of too many. */
function moveUp<V>(map: Map<string, V>, entry: string, value: V, most: number): void {
  map.delete(entry);
  map.set(entry, value);
  for (const key of map.keys()) {
    if (map.size <= most) {
      return;
    }
    map.delete(key);
  }
}
