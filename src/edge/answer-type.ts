/** Which of the two types an answer of GraphQL has that comes in one piece. */

import { LRUCache } from 'lru-cache';

const newer = 'application/graphql-response+json';
const older = 'application/json';

/** Clients write a handful of forms; each is read once. */
const known = new LRUCache<string, AnswerType | 'neither'>({ max: 100 });

export type AnswerType = typeof newer | typeof older;

/**
 * The type that an `Accept` header puts first, as Yoga finds it: the order counts, weights do not, and
 * whatever has to be in another charset than UTF-8 is passed over.
 *
 * @param accept - absent for anything, which is `application/json`
 * @returns undefined where neither is accepted
 */
export function answerTypeFor(accept: string | undefined): AnswerType | undefined {
  if (accept === undefined || accept === '') {
    return older;
  }
  let type = known.get(accept);
  if (type === undefined) {
    type = firstIn(accept) ?? 'neither';
    known.set(accept, type);
  }
  return type === 'neither' ? undefined : type;
}

function firstIn(accept: string): AnswerType | undefined {
  for (const one of accept.replace(/\s/g, '').toLowerCase().split(',')) {
    const [type, ...parameters] = one.split(';');
    const charset = parameters.find((parameter) => parameter.includes('charset='));
    if (charset !== undefined && charset !== 'charset=utf-8') {
      continue;
    }
    if (type === newer) {
      return newer;
    }
    if (type === older || type === 'application/*' || type === '*/*') {
      return older;
    }
  }
  return undefined;
}
