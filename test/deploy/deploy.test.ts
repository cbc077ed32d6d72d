/** What operators run it with: image, cluster, alerts, dashboard. Each tool is asked where there is one. */

import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { aGateway } from '../a-gateway.ts';
import { aRunningProcess } from '../a-process.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);
const file = (name: string) => readFile(join(root, name), 'utf8');

function has(command: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${command}`]);
    return true;
  } catch {
    console.warn(`No ${command} is here: what it would check is skipped.`);
    return false;
  }
}

async function scratch(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'stratograph-deploy-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

describe('The image', () => {
  it.skipIf(!has('hadolint'))('has nothing that hadolint minds', async () => {
    expect((await run('hadolint', ['Dockerfile'], { cwd: root })).stdout).toBe('');
  });

  it('copies nothing that .dockerignore keeps out, and runs as somebody else than root', async () => {
    const [dockerfile, ignored] = await Promise.all([file('Dockerfile'), file('.dockerignore')]);
    const letIn = ignored
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, names]) =>
      (names ?? '').split(' ').map((name) => name.replace(/^\.\//, '')),
    );
    expect(copied.filter((name) => !letIn.includes(name))).toEqual([]);
    expect(copied).toContain('src');
    expect(dockerfile).toMatch(/^USER 1000:1000$/m);
  });

  it('has a health check that works', async () => {
    const { url } = await aRunningProcess([], { METRICS_PORT: '0' });
    const { port } = new URL(url);
    const health = (env: Readonly<Record<string, string>>) =>
      run(process.execPath, ['src/main.ts', 'health'], {
        cwd: root,
        env: { PATH: process.env.PATH, ...env },
      }).then(
        ({ stdout }) => ({ code: 0, stdout }),
        ({ code, stdout }: { code: number; stdout: string }) => ({ code, stdout }),
      );
    const found = await health({ PORT: port, HOST: '0.0.0.0', NODE_ENV: 'production' });
    expect(found.code).toBe(0);
    expect(JSON.parse(found.stdout)).toMatchObject({ ready: true });
    expect(await health({ PORT: port, METRICS_PORT: '1' })).toMatchObject({ code: 1 });
  });
});

describe.skipIf(!has('kubectl'))('The cluster', () => {
  const overlays = ['base', 'with-redis', 'with-adapter'];
  const rendered = new Map<string, string>();
  beforeAll(async () => {
    for (const overlay of overlays) {
      const { stdout } = await run('kubectl', ['kustomize', `deploy/kubernetes/${overlay}`], {
        cwd: root,
      });
      rendered.set(overlay, stdout);
    }
  });

  it.each(overlays)('%s has what an operator expects', (overlay) => {
    const text = rendered.get(overlay) ?? '';
    const kinds = [...text.matchAll(/^kind: (\w+)$/gm)].map(([, kind]) => kind);
    expect(kinds).toEqual(
      expect.arrayContaining([
        'Deployment',
        'Service',
        'PodDisruptionBudget',
        'HorizontalPodAutoscaler',
        'NetworkPolicy',
      ]),
    );
    expect(text).toContain('readOnlyRootFilesystem: true');
    expect(text).toContain('stratograph-credentials');
    // Secrets come by reference alone.
    expect(kinds).not.toContain('Secret');
  });

  it.skipIf(!has('kubernetes-validate')).each(overlays)('%s is valid', async (overlay) => {
    const folder = await scratch();
    const path = join(folder, 'rendered.yaml');
    await writeFile(path, rendered.get(overlay) ?? '');
    const { stdout, stderr } = await run('kubernetes-validate', ['--strict', path]);
    expect(`${stdout}${stderr}`).toMatch(/passed for resource deployment\/stratograph/);
  });

  it.each(overlays)('%s counts as many as the autoscaler keeps', (overlay) => {
    const text = rendered.get(overlay) ?? '';
    const least = /minReplicas: (\d+)/.exec(text)?.[1];
    expect(text).toContain(`INSTANCES: "${least}"`);
  });

  it('names settings that there are', async () => {
    const { settings } = await import('../../src/settings.ts');
    const text = [...rendered.values()].join('\n');
    const named = [...text.matchAll(/^ {2}([A-Z][A-Z_]+): /gm)].map(([, name]) => name);
    expect(named).toContain('REDIS_URL');
    expect(named.filter((name) => !(`${name}` in settings.shape))).toEqual([]);
  });
});

describe('Prometheus', () => {
  /** Names of all metrics that a gateway has when something has happened, suffixes of histograms included. */
  async function metricNames() {
    const gateway = await aGateway({ danubeCallsPerMinute: 45 });
    await gateway.run('{ projects(first: 1) { nodes { name } } virtualMachines { totalCount } }');
    const { url } = await aRunningProcess();
    const texts = await Promise.all(
      [gateway.url, url].map(async (one) => (await fetch(new URL('/metrics', one))).text()),
    );
    const types = texts.flatMap((text) => [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)]);
    const names = types.flatMap(([, name, type]) =>
      type === 'histogram' ? [name, `${name}_bucket`, `${name}_count`, `${name}_sum`] : [name],
    );
    return { texts, names: new Set(names) };
  }

  it.skipIf(!has('promtool'))(
    'reads the metrics, and has nothing to say against ours',
    async () => {
      const { texts } = await metricNames();
      const [ours = ''] = texts;
      const folder = await scratch();
      await writeFile(join(folder, 'metrics'), ours);
      const { stdout, stderr } = await run('sh', [
        '-c',
        `promtool check metrics < ${join(folder, 'metrics')}`,
      ]);
      expect(`${stdout}${stderr}`).toBe('');
    },
  );

  it.skipIf(!has('promtool'))('reads the alerts', async () => {
    const { stdout } = await run('promtool', ['check', 'rules', 'deploy/prometheus/alerts.yaml'], {
      cwd: root,
    });
    expect(stdout).toContain('SUCCESS');
  });

  it('finds every metric that alerts and dashboard ask for', async () => {
    const { names } = await metricNames();
    const folder = await readdir(join(root, 'deploy/grafana'));
    const asked = await Promise.all(
      ['deploy/prometheus/alerts.yaml', ...folder.map((name) => `deploy/grafana/${name}`)].map(
        file,
      ),
    );
    const wanted = asked.flatMap((text) => text.match(/\b(stratograph|process)_[a-z_]+/g) ?? []);
    // It is there with REDIS_URL alone.
    const missing = wanted.filter((name) => !names.has(name) && name !== 'stratograph_redis_up');
    const table = (await file('docs/operators.md'))
      .split('**Metrics**')[1]
      ?.split('**What to alert')[0];
    const told = [...(table ?? '').matchAll(/^\| (`[^|]+) \|/gm)].flatMap(([, cell]) =>
      [...(cell ?? '').matchAll(/`([a-z_]+)`/g)].map(([, name]) => `stratograph_${name}`),
    );
    const ours = [...names].filter((name) =>
      /^stratograph_(?!.*_(bucket|count|sum)$)/.test(name ?? ''),
    );
    expect(told.filter((name) => name !== 'stratograph_redis_up').sort()).toEqual(ours.sort());
    expect(wanted.length).toBeGreaterThan(20);
    expect([...new Set(missing)]).toEqual([]);
  });
});
