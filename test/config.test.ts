/** Settings: what is read, and what is said of faults. */

import { describe, expect, it } from 'vitest';
import { readConfig } from '../src/config.ts';
import { ConfigError } from '../src/settings.ts';

function faultsOf(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) {
      return error.faults;
    }
    throw error;
  }
  return [];
}

describe('readConfig', () => {
  it('has a default for everything', () => {
    expect(readConfig({})).toEqual({
      host: '127.0.0.1',
      port: 4000,
      instances: undefined,
      traces: undefined,
      workers: 1,
      processes: 1,
      metrics: { isTold: true, port: undefined, operations: [] },
      logLevel: 'info',
      isProduction: false,
      graphiql: true,
      waldur: undefined,
      danube: undefined,
      upstreamTimeoutMs: 30_000,
      maxReferences: 1_000,
      planning: { call: 100, row: 0.25, expensive: 0.5 },
      explain: true,
      polling: { firstMs: 2_000, leastMs: 1_000, mostMs: 5_000 },
      watching: { leastMs: 2_000, mostMs: 15_000, patienceMs: 60_000 },
      limits: {
        bodyBytes: 262_144,
        tokens: 2_000,
        depth: 12,
        aliases: 30,
        directives: 10,
        rootFields: 20,
        cost: 50_000,
        costPerMinute: Number.POSITIVE_INFINITY,
        operationMs: 30_000,
        lagMs: 250,
      },
      resilience: { retries: 2, restMs: 5_000, calls: 5_000, callsAtATime: 4, keepOwnersMs: 0 },
      introspection: true,
      corsOrigins: [],
      trustedProxies: [],
      unchangedBytes: 16_777_216,
      persisted: { manifest: undefined, only: false },
      graceMs: 10_000,
      danubeDatacenter: 'main',
      danubeRate: { calls: 45, windowMs: 60_000 },
      sandbox: { seed: 7, serverGroupPost: false, callsPerMinute: 45, sizes: {} },
    });
  });

  it('counts an empty value as absent', () => {
    expect(readConfig({ PORT: '', WALDUR_URL: '' }).port).toBe(4000);
  });

  it.each([
    ['https://cloud.example.com', 'https://cloud.example.com/'],
    ['https://cloud.example.com/', 'https://cloud.example.com/'],
    ['https://cloud.example.com/api/', 'https://cloud.example.com/'],
    ['https://cloud.example.com/waldur', 'https://cloud.example.com/waldur'],
    ['https://cloud.example.com/waldur/api', 'https://cloud.example.com/waldur'],
  ])('reads the address %s with or without its /api', (given, url) => {
    expect(readConfig({ WALDUR_URL: given }).waldur?.url.href).toBe(url);
  });

  it.each([
    ['collector:4318', 'must be an http or https URL'],
    ['grpc://collector:4317', 'must be an http or https URL'],
    ['http://user:pass@collector:4318', 'must not hold credentials'],
    ['http://collector:4318/?key=1', 'must end with its path'],
  ])('refuses a collector at %s', (url, fault) => {
    expect(faultsOf({ OTEL_EXPORTER_OTLP_ENDPOINT: url })).toEqual([
      `OTEL_EXPORTER_OTLP_ENDPOINT ${fault}`,
    ]);
  });

  it('takes a collector with a path of its own', () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/tenants/one' };
    expect(readConfig(env).traces).toEqual({ share: 1, delayMs: 5_000 });
  });

  it('names every fault at once, and no value', () => {
    const env = {
      PORT: 'eighty',
      LOG_LEVEL: 'loud',
      WALDUR_URL: 'ftp://secret-host/',
      DANUBE_API_KEY: 'se cret',
      SANDBOX_MACHINES: '0',
      GRAPHIQL: 'maybe',
    };
    const faults = faultsOf(env);
    expect(faults.map((fault) => fault.split(' ', 1)[0]).sort()).toEqual(Object.keys(env).sort());
    for (const value of Object.values(env).filter((text) => text.length > 2)) {
      expect(faults.join()).not.toContain(value);
    }
  });

  it('wants a credential to have its upstream', () => {
    expect(faultsOf({ WALDUR_TOKEN: 'x', DANUBE_API_KEY: 'y' })).toEqual([
      'WALDUR_TOKEN needs WALDUR_URL',
      'DANUBE_API_KEY needs DANUBE_URL',
    ]);
  });

  it('has no sandbox in production', () => {
    expect(faultsOf({ NODE_ENV: 'production' })).toEqual([
      'WALDUR_URL or DANUBE_URL is needed in production, where there is no sandbox',
    ]);
    const config = readConfig({ NODE_ENV: 'production', WALDUR_URL: 'https://waldur.example.com' });
    expect(config.graphiql).toBe(false);
  });
});
