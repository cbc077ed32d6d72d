/** Bodies that hold a query and nothing that would have to be looked at closely, as most do. */

import { LRUCache } from 'lru-cache';
import { keyOfText } from './same-query.ts';

interface CommonParams {
  /** With these it is no common request. */
  readonly extensions?: never;
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
  readonly operationName?: string | null | undefined;
}

interface CommonBody {
  /** The same for the same body, whoever sends it. */
  readonly key: string;
  /** In common for all who send it. */
  readonly params: CommonParams;
}

const names = new Set(['query', 'variables', 'operationName']);

const mostBytes = 4 * 1024 * 1024;
/** Of a body: its text, and the texts and objects that are read of it. */
const timesText = 6;
const bytesEach = 500;
/** Longer ones take more room than reading them again takes time. */
const mostLetters = 16 * 1024;

/** What is read of bodies is remembered for those who send the same again. */
export class CommonBodies {
  readonly #known = new LRUCache<string, CommonBody>({
    maxSize: mostBytes,
    sizeCalculation: (_, text) => bytesEach + timesText * text.length,
  });

  /** Undefined for what is no common body. */
  read(text: string): CommonBody | undefined {
    const known = this.#known.get(text);
    if (known !== undefined) {
      return known;
    }
    const params = paramsIn(text);
    if (params === undefined) {
      return undefined;
    }
    const body = { key: keyOfText(text), params };
    if (text.length <= mostLetters) {
      this.#known.set(text, body);
    }
    return body;
  }
}

const isObjectOrNothing = (given: unknown) =>
  given === undefined || (typeof given === 'object' && !Array.isArray(given));

function paramsIn(text: string): CommonParams | undefined {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    return undefined;
  }
  for (const name in given) {
    if (!names.has(name)) {
      return undefined;
    }
  }
  const { query, variables, operationName } = given as Record<string, unknown>;
  const isCommon =
    typeof query === 'string' &&
    isObjectOrNothing(variables) &&
    (operationName == null || typeof operationName === 'string');
  return isCommon ? (given as CommonParams) : undefined;
}
