/** Waldur's refusals, in its own words and shapes. */

import type { Answer } from '../server.ts';
import { toJson } from './serializers.ts';

const jsonHeaders = {
  'content-type': 'application/json',
  vary: 'Accept-Language, Cookie',
  'content-language': 'en',
};

export function json(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
  rows?: number,
): Answer {
  return {
    status,
    headers: { ...jsonHeaders, ...headers },
    body: toJson(body),
    ...(rows === undefined ? {} : { rows }),
  };
}

export function detail(
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return json(status, { detail: text }, headers);
}

export function html(status: number, text: string): Answer {
  return {
    status,
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: `<!doctype html>\n<html lang="en"><head><title>${text}</title></head><body><h1>${text}</h1></body></html>\n`,
  };
}

/** Thrown by whatever finds that there is nothing more to do but to refuse. */
export class Refusal extends Error {
  readonly answer: Answer;

  constructor(answer: Answer) {
    super(`refused with ${answer.status}`);
    this.answer = answer;
  }
}

export function refuse(answer: Answer): never {
  throw new Refusal(answer);
}
