/** The command line. */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { anEndedProcess, aRunningProcess } from '../a-process.ts';

const file = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');

describe('stratograph', () => {
  it('says what there is, with exit codes and examples', async () => {
    const { stdout, code } = await anEndedProcess(['--help']);
    for (const word of ['serve', 'sandbox', 'check', 'schema', 'Exit codes:', 'Examples:']) {
      expect(stdout).toContain(word);
    }
    expect(code).toBe(0);
  });

  it('knows its version', async () => {
    const { version } = JSON.parse(file('package.json')) as { version: string };
    expect(await anEndedProcess(['--version'])).toMatchObject({ stdout: `${version}\n`, code: 0 });
  });

  it.each([
    [['schema', '--nope'], "unknown option '--nope'"],
    [['srve'], 'too many arguments'],
    [['sandbox', '--size', 'huge'], 'Allowed choices are small, medium, large'],
    [['sandbox', '--latency', '80'], 'It has to be a time such as 80ms'],
    [['sandbox', '--fault', 'waldur=200'], '--fault waldur=200 has to be cloud[.collection]=what'],
    [['sandbox', '--fault', 'waldur=503@101%'], '--fault waldur=503@101% has to be'],
    [['sandbox', '--seed', 'x'], 'SANDBOX_SEED must be a whole number'],
  ])('is 2 for %j, and says why', async (args, message) => {
    const { stderr, code } = await anEndedProcess(args, { PORT: '0' });
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });

  it('prints the graph, and what is published of it', async () => {
    expect((await anEndedProcess(['schema'])).stdout).toBe(file('schema.graphql'));
    expect((await anEndedProcess(['schema', '--subgraph'])).stdout).toBe(file('subgraph.graphql'));
  });
});

describe('stratograph sandbox', () => {
  const ask = async (url: string, token: string, query: string) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Token ${token}` },
      body: JSON.stringify({ query }),
    });
    // biome-ignore lint/suspicious/noExplicitAny: what a test reads of an answer is its own business
    return (await response.json()) as any;
  };

  it('is of the size that is asked for, whatever clouds the settings name', async () => {
    const { url, token } = await aRunningProcess(['sandbox', '--size', 'small', '--port', '0'], {
      WALDUR_URL: 'http://127.0.0.1:1',
      WALDUR_TOKEN: 'of-another-cloud',
      NODE_ENV: 'production',
    });
    const { data } = await ask(url, token, '{ projects { totalCount } }');
    // One of the six has been removed.
    expect(data.projects.totalCount).toBe(5);
  });

  it('fails where and as often as it is told to', async () => {
    const { url, token } = await aRunningProcess(
      ['sandbox', '--seed', '3', '--fault', 'waldur.projects=404@50%', '--latency', '1ms'],
      { UPSTREAM_RETRIES: '0' },
    );
    const codes: (string | undefined)[] = [];
    for (let query = 0; query < 40; query += 1) {
      const { errors } = await ask(url, token, '{ projects(first: 1) { nodes { name } } }');
      codes.push(errors?.[0]?.extensions.code);
    }
    const failed = codes.filter((code) => code === 'UPSTREAM_FAILED').length;
    expect(failed).toBeGreaterThan(8);
    expect(failed).toBeLessThan(32);
    const { errors } = await ask(url, token, '{ customers { totalCount } }');
    expect(errors).toBeUndefined();
  });
});
