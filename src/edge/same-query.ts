/** What makes two queries the same, and the text that their answers then have in common. */

import { hash } from 'node:crypto';
import {
  type ExecutionArgs,
  type ExecutionResult,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
} from 'graphql';
import { wholeNumber } from '../upstream/http/json.ts';
import type { StopSignal } from '../upstream/http/stop.ts';
import type { RequestHeaders } from './callers.ts';

/** What of a request tells queries apart. */
export interface Asked {
  readonly request: {
    readonly headers: RequestHeaders;
    /** Fires when the client has gone. */
    readonly signal: StopSignal;
    /** Made of all that has come, where the answer depends on that and the caller alone. No name of a `Request`'s own. */
    readonly queryKey?: string;
  };
  readonly params: { readonly query?: string; readonly variables?: unknown };
}

/** A result whose text is made once, for all who get it. */
export type SharedResult = ExecutionResult & {
  readonly stringify?: (result: ExecutionResult) => string;
  /** The same, as bytes where several get it. */
  readonly encoded?: (result: ExecutionResult) => string | Buffer;
};

/** Longer ones are kept as what stands for them. */
const mostLetters = 1_024;
/** Longer texts are dearer to turn into bytes each time than to write beside the answer's head. */
const smallText = 4_096;

/** The same for queries that are, whoever asks: document, operation and variables. */
export function keyOf(
  { request, params }: Asked,
  operationName: ExecutionArgs['operationName'],
): string {
  return (
    request.queryKey ??
    keyOfText(
      JSON.stringify([params.query, operationName ?? null, params.variables ?? {}], withInfinity),
    )
  );
}

/** The same for the same text, and not long. */
export function keyOfText(text: string): string {
  return text.length > mostLetters ? hash('sha256', text, 'base64url') : text;
}

/** A number that no double holds is no null. */
function withInfinity(_name: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value)
    ? wholeNumber(`${value < 0 ? '-' : ''}1e999`)
    : value;
}

/** Whether nothing has to be asked for it: the schema itself is there. */
export function asksNothing({ selectionSet }: OperationDefinitionNode): boolean {
  return selectionSet.selections.every(isMeta);
}

/** Of the schema itself, e.g. `__typename`. */
function isMeta(selection: SelectionNode): boolean {
  return selection.kind === Kind.FIELD && selection.name.value.startsWith('__');
}

/** Errors are masked for each request by itself, so only a result without any has one text. */
export function withOneText(result: SharedResult): SharedResult {
  if (result.errors !== undefined || result.encoded !== undefined) {
    return result;
  }
  let text: string | undefined;
  let bytes: Buffer | undefined;
  const stringify = (given: ExecutionResult) => {
    text ??= JSON.stringify(given);
    return text;
  };
  return {
    ...result,
    stringify,
    encoded: (given) => {
      if (text !== undefined && text.length > smallText) {
        // Somebody has had it before: others may follow.
        bytes ??= bytesOf(text);
      }
      return bytes ?? stringify(given);
    },
  };
}

/** In memory of its own: it may be kept for long, and Node's pool with it. */
function bytesOf(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
}
