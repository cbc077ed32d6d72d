/** Spans, where somebody collects them; without a collector, none is made. */

import {
  type Attributes,
  context,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { UpstreamFailure } from './failure.ts';

let isOn = false;

/** From here on spans are made: whoever calls this has registered who collects them. */
export function switchTracingOn(): void {
  isOn = true;
}

export function isTracing(): boolean {
  return isOn;
}

export interface SpanOptions {
  /** `internal` where absent. */
  readonly kind?: 'server' | 'client';
  readonly attributes: Attributes;
  /** Headers of a request from outside: its trace is gone on with. */
  readonly from?: Pick<Headers, 'get'>;
}

const kinds = { server: SpanKind.SERVER, client: SpanKind.CLIENT } as const;

/** Runs something as a span of the one that it is begun in; the span fails when it does. */
export function inSpan<T>(
  name: string,
  { kind, attributes, from }: SpanOptions,
  run: (span: Span | undefined) => Promise<T>,
): Promise<T> {
  if (!isOn) {
    return run(undefined);
  }
  const outer =
    from === undefined
      ? context.active()
      : propagation.extract(context.active(), from, {
          get: (headers, key) => headers.get(key) ?? undefined,
          keys: () => [],
        });
  const options = { kind: kind === undefined ? SpanKind.INTERNAL : kinds[kind], attributes };
  return trace
    .getTracer('stratograph')
    .startActiveSpan(name, options, outer, async (span: Span): Promise<T> => {
      try {
        return await run(span);
      } catch (reason) {
        // Messages name paths, which hold what users have typed.
        const message = reason instanceof UpstreamFailure ? reason.kind : 'unexpected';
        span.setStatus({ code: SpanStatusCode.ERROR, message });
        throw reason;
      } finally {
        span.end();
      }
    });
}

/** Says more of the span that runs. */
export function noteInSpan(attributes: Attributes): void {
  if (isOn) {
    trace.getActiveSpan()?.setAttributes(attributes);
  }
}

/** Headers by which a call goes on with the trace that it is part of; none without one. */
export function traceHeaders(): Record<string, string> {
  const headers: Record<string, string> = {};
  if (isOn) {
    propagation.inject(context.active(), headers);
  }
  return headers;
}
