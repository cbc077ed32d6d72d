/** Texts that only instances with the same secret can read or make. */

import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

export interface Seal {
  /** @param place - where it will lie: elsewhere it cannot be opened */
  close(text: string, place: string): string;
  /** Undefined for what was sealed with another secret, for another use or place, or changed since. */
  open(sealed: string, place: string): string | undefined;
}

/**
 * @param use - what it is for: what was sealed for another use cannot be opened
 */
export function sealWith(secret: string, use: string): Seal {
  const key = Buffer.from(hkdfSync('sha256', secret, '', `stratograph ${use}`, 32));
  return {
    close(text, place) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv(algorithm, key, nonce);
      cipher.setAAD(Buffer.from(place));
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64');
    },
    open(sealed, place) {
      const bytes = Buffer.from(sealed, 'base64');
      try {
        const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, nonceBytes));
        decipher.setAAD(Buffer.from(place));
        decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
        const body = decipher.update(bytes.subarray(nonceBytes + tagBytes));
        return Buffer.concat([body, decipher.final()]).toString('utf8');
      } catch {
        return undefined;
      }
    },
  };
}
