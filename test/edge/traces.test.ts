/** Traces, as a collector receives them over OTLP. */

import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openSandbox } from '../../src/sandbox/sandbox.ts';
import { portOf } from '../a-port.ts';
import { aRunningProcess } from '../a-process.ts';

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly status: { readonly code?: number };
  readonly attributes: readonly { readonly key: string; readonly value: Record<string, unknown> }[];
}

/** What is read of an export request; one span a request at the least. */
interface Export {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: Span['attributes'] };
    readonly scopeSpans: readonly { readonly spans: readonly Span[] }[];
  }[];
}

async function aCollector() {
  const spans: Span[] = [];
  const resources: Span['attributes'][] = [];
  const server = createServer((request, response) => {
    void json(request).then((body) => {
      for (const { resource, scopeSpans } of (body as Export).resourceSpans) {
        resources.push(resource.attributes);
        spans.push(...scopeSpans.flatMap((scope) => scope.spans));
      }
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  const url = `http://127.0.0.1:${await portOf(server)}`;
  return { url, spans, resources };
}

const attributeOf = ({ attributes }: Pick<Span, 'attributes'>, key: string) =>
  Object.values(attributes.find((one) => one.key === key)?.value ?? {})[0];

/** A gateway that is traced, on a sandbox whose calls can be looked at. */
async function traced(env: Readonly<Record<string, string>> = {}) {
  const collector = await aCollector();
  const sandbox = await openSandbox();
  onTestFinished(() => sandbox.close());
  const { url } = await aRunningProcess([], {
    WALDUR_URL: sandbox.waldur.server.url,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_BSP_SCHEDULE_DELAY: '20',
    ...env,
  });
  const run = async (query: string, headers: Readonly<Record<string, string>> = {}) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Token ${sandbox.callers.staff.waldurToken}`,
        ...headers,
      },
      body: JSON.stringify({ query }),
    });
    return response.json();
  };
  return { collector, sandbox, run };
}

const linked =
  'query Linked { securityGroups(first: 5) { nodes { name tenant { quotas { name } } } } }';

describe('A trace', () => {
  it('is one for an operation, with its demands and its calls, and goes on with the client’s', async () => {
    const { collector, sandbox, run } = await traced();
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    await run(linked, { traceparent: `00-${traceId}-b7ad6b7169203331-01` });
    const calls = sandbox.waldur.server.calls.length;
    expect(calls).toBeGreaterThan(1);
    const operation = () => collector.spans.find(({ name }) => name === 'query');
    await expect.poll(operation).toBeDefined();
    const { spans } = collector;
    expect(new Set(spans.map((span) => span.traceId))).toEqual(new Set([traceId]));
    expect(operation()?.parentSpanId).toBe('b7ad6b7169203331');
    expect(attributeOf(operation() as Span, 'graphql.operation.name')).toBe('Linked');
    expect(attributeOf(operation() as Span, 'stratograph.calls')).toBe(calls);
    const sent = spans.filter(({ name }) => name.startsWith('GET '));
    expect(sent).toHaveLength(calls);
    // Each is below the operation, through a demand or at once.
    const byId = new Map(spans.map((span) => [span.spanId, span]));
    for (const span of spans.filter((one) => one !== operation())) {
      let above = byId.get(span.parentSpanId ?? '');
      while (above !== undefined && above !== operation()) {
        above = byId.get(above.parentSpanId ?? '');
      }
      expect(above).toBe(operation());
    }
    const plan = spans.find(({ name }) => name === 'plan Tenant');
    expect(attributeOf(plan as Span, 'stratograph.demand')).toMatch(/^\d by uuid$/);
    expect(sent.some(({ parentSpanId }) => parentSpanId === plan?.spanId)).toBe(true);
    const [attributes = []] = collector.resources;
    expect(attributeOf({ attributes }, 'service.name')).toBe('stratograph');
  });

  it('goes on to the clouds, by a span of its own for each call', async () => {
    const { collector, sandbox, run } = await traced();
    await run('{ projects { totalCount } }');
    await expect.poll(() => collector.spans.some(({ name }) => name === 'query')).toBe(true);
    const call = collector.spans.find(({ name }) => name === 'HEAD /api/projects/');
    expect(sandbox.waldur.server.calls[0]?.headers.traceparent).toBe(
      `00-${call?.traceId}-${call?.spanId}-01`,
    );
    expect(call?.kind).toBe(3);
    expect(attributeOf(call as Span, 'http.response.status_code')).toBe(200);
  });

  it('says what failed, and holds neither credentials nor what was asked for', async () => {
    const { collector, sandbox, run } = await traced({ UPSTREAM_RETRIES: '1' });
    sandbox.waldur.server.inject({ fault: { kind: 'reset' } });
    await run('{ projects(filter: { name: "very-private" }) { nodes { name } } }');
    await expect.poll(() => collector.spans.some(({ name }) => name === 'query')).toBe(true);
    const sent = collector.spans.filter(({ name }) => name === 'GET /api/projects/');
    expect(sent).toHaveLength(2);
    expect(sent.every(({ status }) => status.code === 2)).toBe(true);
    expect(attributeOf(sent[1] as Span, 'http.request.resend_count')).toBe(1);
    const all = JSON.stringify(collector.spans);
    expect(all).not.toContain(sandbox.callers.staff.waldurToken);
    expect(all).not.toContain('very-private');
  });

  it('is not begun here when the share is 0, and gone on with all the same', async () => {
    const { collector, run } = await traced({ OTEL_TRACES_SAMPLER_ARG: '0' });
    await run('query Not { projects { totalCount } }');
    await run('query Sampled { projects { totalCount } }', {
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    });
    await expect.poll(() => collector.spans.some(({ name }) => name === 'query')).toBe(true);
    const names = collector.spans.map((span) => attributeOf(span, 'graphql.operation.name'));
    expect(names).toContain('Sampled');
    expect(names).not.toContain('Not');
  });
});
