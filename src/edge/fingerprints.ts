/** Texts that tell callers apart, and from which no credential can be read. */

import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { Recent } from './recent.ts';

export class Fingerprints {
  readonly #key: Buffer;
  /** By what they are made of. */
  readonly #known = new Recent<string, string>();

  /**
   * @param secret - the same gives the same fingerprints; without one they are new with each process, so
   *   that those in logs cannot be tried against known credentials
   */
  constructor(secret: string | undefined) {
    this.#key =
      secret === undefined
        ? randomBytes(32)
        : Buffer.from(hkdfSync('sha256', secret, '', 'stratograph fingerprints', 32));
  }

  /** 16 characters. */
  of(...parts: readonly (string | undefined)[]): string {
    // Lengths keep one part from passing for two.
    let text = '';
    for (const part of parts) {
      text += part === undefined ? '-' : `${part.length}:${part}`;
    }
    const before = this.#known.get(text);
    if (before !== undefined) {
      return before;
    }
    const made = this.#make(text);
    this.#known.set(text, made);
    return made;
  }

  #make(text: string): string {
    return createHmac('sha256', this.#key).update(text).digest('base64url').slice(0, 16);
  }
}
