/**
 * A gateway on a sandbox of its own, over real sockets, gone when the test is; a property of many
 * runs holds it by `await using`, or all of its worlds would be kept until it ends.
 */

import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { type Config, type Environment, readConfig } from '../src/config.ts';
import { openGateway, type Vitals } from '../src/gateway.ts';
import { openSandbox, type Sandbox, type SandboxOptions } from '../src/sandbox/sandbox.ts';
import type { ReceivedCall } from '../src/sandbox/server.ts';
import { tourOf } from '../src/sandbox/tour.ts';

export type CallerName = keyof Sandbox['callers'];

export interface Answer {
  // biome-ignore lint/suspicious/noExplicitAny: what a test reads of an answer is its own business
  readonly data: any;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions: Readonly<Record<string, unknown>>;
  }[];
}

export interface RunOptions {
  readonly as?: CallerName;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface TestGateway extends AsyncDisposable {
  readonly sandbox: Sandbox;
  /** The graph's address. */
  readonly url: string;
  /** Of the port that operators have to themselves. */
  readonly operators: string | undefined;
  /** Everything that was logged, line by line. */
  readonly logged: readonly string[];
  /** Sends a query as a caller, staff by default. */
  run(query: string, options?: RunOptions): Promise<Answer>;
  /** The same, with the calls that it made upstream. */
  calls(query: string, options?: RunOptions): Promise<UpstreamCalls>;
  request(init: RequestInit, search?: string): Promise<Response>;
  readonly vitals: () => Vitals;
}

export interface UpstreamCalls {
  readonly answer: Answer;
  readonly waldur: readonly ReceivedCall[];
  readonly danube: readonly ReceivedCall[];
  /** Both, as `GET /api/projects/?…`. */
  readonly lines: readonly string[];
}

export interface GatewayOptions extends SandboxOptions {
  readonly env?: Environment;
  /** Settings that no environment can give. */
  readonly config?: Partial<Config>;
  /** Leaves an upstream out of the configuration. */
  readonly without?: 'waldur' | 'danube';
}

/**
 * Opens both. Danube's limit is lifted unless a number is given.
 */
export async function aGateway(options: GatewayOptions = {}): Promise<TestGateway> {
  const { env = {}, config: set = {}, without, ...sandboxOptions } = options;
  const sandbox = await openSandbox({ danubeCallsPerMinute: null, ...sandboxOptions });
  const logged: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) });
  const config = readConfig({
    PORT: '0',
    // Two busy cores are no overload.
    MAX_LAG_MS: '0',
    DANUBE_CALLS_PER_MINUTE: String(sandboxOptions.danubeCallsPerMinute ?? 0),
    ...(without === 'waldur' ? {} : { WALDUR_URL: sandbox.waldur.server.url }),
    ...(without === 'danube' ? {} : { DANUBE_URL: sandbox.danube.server.url }),
    ...env,
  });
  const gateway = openGateway({ ...config, ...set }, log, tourOf(sandbox));
  const { graph: url, operators } = await gateway.listen();
  const opened = new AsyncDisposableStack();
  opened.defer(() => sandbox.close());
  opened.defer(() => gateway.close());
  closedWithTest(opened);

  const request = (init: RequestInit, search = '') => fetch(`${url}${search}`, init);

  const run: TestGateway['run'] = async (
    query,
    { as = 'staff', variables, operationName, headers, signal } = {},
  ) => {
    const caller = sandbox.callers[as];
    const response = await request({
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Token ${caller.waldurToken}`,
        'x-danube-api-key': caller.danubeApiKey,
        ...headers,
      },
      body: JSON.stringify({ query, variables, operationName }),
      ...(signal === undefined ? {} : { signal }),
    });
    return (await response.json()) as Answer;
  };

  return {
    sandbox,
    url,
    operators,
    logged,
    run,
    async calls(query, runOptions) {
      const { waldur, danube } = sandbox;
      waldur.server.forgetCalls();
      danube.server.forgetCalls();
      const answer = await run(query, runOptions);
      const received = { waldur: [...waldur.server.calls], danube: [...danube.server.calls] };
      const lines = [...received.waldur, ...received.danube].map(
        ({ method, target }) => `${method} ${decodeURIComponent(target)}`,
      );
      return { answer, ...received, lines };
    },
    request,
    vitals: gateway.vitals,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** Apart from all else, so that the test holds nothing of what has been closed before its end. */
function closedWithTest(opened: AsyncDisposableStack): void {
  onTestFinished(() => opened.disposeAsync());
}
