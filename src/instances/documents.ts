/** Persisted operations that instances know of each other: a new manifest need not be everywhere at once. */

import type { Seal } from './seal.ts';
import type { Store } from './store.ts';

/** How long an operation is answered that no instance has in its manifest any more. */
const lifeSeconds = 600;
const refreshMs = (lifeSeconds / 4) * 1_000;

const keyOf = (id: string) => `stratograph:operation:${id}`;

export class SharedDocuments {
  readonly #store: Store;
  readonly #seal: Seal;
  readonly #own: ReadonlyMap<string, string>;
  readonly #refreshing: NodeJS.Timeout;

  /** @param own - this instance's, by id */
  constructor(store: Store, seal: Seal, own: ReadonlyMap<string, string>) {
    this.#store = store;
    this.#seal = seal;
    this.#own = own;
    store.onUp(() => void this.publish());
    this.#refreshing = setInterval(() => void this.publish(), refreshMs).unref();
  }

  async publish(): Promise<void> {
    await this.#store.ask(async (commands) => {
      const batch = commands.pipeline();
      for (const [id, document] of this.#own) {
        batch.set(keyOf(id), this.#seal.close(document, id), 'EX', lifeSeconds);
      }
      await batch.exec();
    });
  }

  /** Null when no instance has one of this id, or the store is away. */
  async find(id: string): Promise<string | null> {
    const sealed = await this.#store.ask((commands) => commands.get(keyOf(id)));
    // What was not sealed by an instance is no operation of ours.
    return typeof sealed === 'string' ? (this.#seal.open(sealed, id) ?? null) : null;
  }

  close(): void {
    clearInterval(this.#refreshing);
  }
}
