/** Both upstreams simulated over real sockets, in one world: for newcomers, demos and tests. */

import { type Clock, openClock } from './clock.ts';
import { openDanube, type SimulatedDanube } from './danube/danube.ts';
import { type DanubeSizes, defaultDanubeSizes, type MachineOwner } from './danube/world.ts';
import { faultIn, type NamedFault } from './faults.ts';
import type { WaldurWorld } from './waldur/model.ts';
import type { Profile } from './waldur/serializers.ts';
import { type CallerName, callerNames } from './waldur/users.ts';
import { openWaldur, type SimulatedWaldur } from './waldur/waldur.ts';
import { defaultWaldurSizes, seedWaldur, type WaldurSizes } from './waldur/world.ts';

export interface SandboxOptions {
  /** The same seed and sizes give the same world. */
  readonly seed?: number;
  readonly sizes?: Partial<WaldurSizes & DanubeSizes>;
  /** Runs with the machine's when absent. */
  readonly clock?: Clock;
  /** Which Waldur. */
  readonly profile?: Profile;
  readonly tenantCredentialsVisible?: boolean;
  /** Whether Waldur's collection of server groups takes a POST, as is documented and nowhere true. */
  readonly serverGroupPost?: boolean;
  /** Per Danube user; null lifts the limit. */
  readonly danubeCallsPerMinute?: number | null;
  /** As `faultIn` reads them, e.g. `waldur.projects=503@10%`; where several fit, the last. */
  readonly faults?: readonly string[];
  /** Of each answer without a fault, in milliseconds. */
  readonly latencyMs?: number;
  /** Any free ones when absent. */
  readonly ports?: { readonly waldur: number; readonly danube: number };
}

/** Somebody with rights of their own in both clouds. */
export interface SandboxCaller {
  readonly username: string;
  readonly waldurToken: string;
  readonly danubeApiKey: string;
}

export interface Sandbox {
  readonly clock: Clock;
  readonly waldur: SimulatedWaldur;
  readonly danube: SimulatedDanube;
  /** Staff everywhere; a customer's and a datacenter's owner; a member of projects; a stranger. */
  readonly callers: Readonly<Record<CallerName, SandboxCaller>>;
  close(): Promise<void>;
}

/**
 * @throws {RangeError} for a fault that cannot be read
 * @throws when a port is taken
 */
export async function openSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { seed = 7, sizes = {}, clock = openClock(), danubeCallsPerMinute = 45, ports } = options;
  const { latencyMs = 0 } = options;
  const faults = (options.faults ?? []).map((text) => readFault(text, seed));
  const world = seedWaldur(seed, { ...defaultWaldurSizes, ...sizes });
  const waldur = await openWaldur({
    world,
    ...(options.profile === undefined ? {} : { profile: options.profile }),
    tenantCredentialsVisible: options.tenantCredentialsVisible ?? true,
    serverGroupPost: options.serverGroupPost ?? false,
    clock,
    port: ports?.waldur ?? 0,
  });
  const danube = await openDanube({
    seed,
    sizes: { ...defaultDanubeSizes, ...sizes },
    owners: ownersIn(world),
    clock,
    callsPerMinute: danubeCallsPerMinute,
    port: ports?.danube ?? 0,
  });
  const servers = { waldur: waldur.server, danube: danube.server };
  if (latencyMs > 0) {
    waldur.server.inject({ fault: { kind: 'delay', delayMs: latencyMs } });
    danube.server.inject({ fault: { kind: 'delay', delayMs: latencyMs } });
  }
  for (const { cloud, rule } of faults) {
    servers[cloud].inject(rule);
  }
  const callers = Object.fromEntries(
    callerNames.map((name) => [name, callerNamed(name, world, danube)]),
  ) as Record<CallerName, SandboxCaller>;
  return {
    clock,
    waldur,
    danube,
    callers,
    async close() {
      await Promise.all([waldur.server.close(), danube.server.close()]);
    },
  };
}

function readFault(text: string, seed: number): NamedFault {
  const fault = faultIn(text, seed);
  if (fault === undefined) {
    throw new RangeError(`${text} is no fault such as waldur.projects=503@10%`);
  }
  return fault;
}

function callerNamed(name: CallerName, world: WaldurWorld, danube: SimulatedDanube): SandboxCaller {
  const user = world.users.find(({ username }) => username === name);
  if (user === undefined) {
    throw new Error(`the world has no ${name}`);
  }
  return { username: name, waldurToken: user.token, danubeApiKey: danube.callers[name].apiKey };
}

/** Every project that has a tenant, with it; then the others. */
function ownersIn({ projects, tenants }: WaldurWorld): MachineOwner[] {
  const tenantOf = new Map(tenants.map(({ project, uuid }) => [project, uuid]));
  return projects
    .filter(({ isRemoved }) => !isRemoved)
    .map((project) => ({
      project: project.uuid,
      customer: project.customer.uuid,
      tenant: tenantOf.get(project) ?? null,
    }));
}
