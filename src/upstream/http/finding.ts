/** What a look at an upstream's address has found, for the operator who has configured it. */

import { UpstreamFailure } from '../../failure.ts';
import type { HttpAnswer } from './answer.ts';
import type { HttpOrigin } from './send.ts';

export type Finding =
  /** It takes the credential. */
  | {
      readonly kind: 'accepted';
      /** E.g. `Danube Cloud 4.6`. */
      readonly product: string;
      /** Whose the credential is. */
      readonly caller: string;
      /** What may be wanted otherwise. */
      readonly remarks: readonly string[];
    }
  /** It is there; no credential was tried. */
  | { readonly kind: 'open'; readonly product: string }
  /** It is there, and does not take the credential. */
  | {
      readonly kind: 'refused';
      readonly product: string;
      readonly why: 'invalid' | 'expired' | 'inactive' | 'not-granted';
    }
  /** Something else is there. */
  | {
      readonly kind: 'foreign';
      readonly status: number;
      readonly why: 'path' | 'product';
      /** Where it leads on to, without a query; undefined when it does not. */
      readonly leadsTo: string | undefined;
    }
  /** It is there, and has been asked too often. */
  | { readonly kind: 'busy' }
  /** What answers speaks another protocol, or without end. */
  | { readonly kind: 'gibberish' }
  /** It is there, and fails. */
  | { readonly kind: 'failing'; readonly status: number }
  /** Nothing answers. */
  | { readonly kind: 'silent'; readonly code: string };

/**
 * One answer of an upstream, or why there is none.
 *
 * @param path - from the host on
 */
export async function lookAt(
  origin: HttpOrigin,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<HttpAnswer | Finding> {
  try {
    return await origin.send({
      method: 'GET',
      path,
      headers: { accept: 'application/json', 'accept-language': 'en', ...headers },
    });
  } catch (reason) {
    if (reason instanceof UpstreamFailure) {
      return reason.kind === 'malformed'
        ? { kind: 'gibberish' }
        : { kind: 'silent', code: codeOf(reason) };
    }
    throw reason;
  }
}

/** The innermost code, e.g. `ECONNREFUSED`. */
function codeOf(failure: UpstreamFailure): string {
  let code: string = failure.kind;
  for (let cause: unknown = failure.cause; cause instanceof Error; cause = cause.cause) {
    code = (cause as NodeJS.ErrnoException).code ?? code;
  }
  return code;
}

/** An answer of something else than was looked for. */
export function foreign({ status, headers }: HttpAnswer): Finding {
  const { location } = headers;
  const target = typeof location === 'string' && status >= 300 && status < 400 ? location : '';
  return {
    kind: 'foreign',
    status,
    why: status === 404 ? 'path' : 'product',
    leadsTo: target.split(/[?#]/, 1)[0] || undefined,
  };
}

/** An answer's JSON; undefined when it has none. */
export function jsonIn({ text }: HttpAnswer): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `detail` of an answer in the way of Django REST framework, as both clouds refuse; empty without one. */
export function detailIn(answer: HttpAnswer): string {
  const body = jsonIn(answer);
  const detail = typeof body === 'object' && body !== null && 'detail' in body ? body.detail : '';
  return typeof detail === 'string' ? detail : '';
}
