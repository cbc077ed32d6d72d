/** Starting, stopping and rebooting. */

import { failure, type Reply, refuse } from '../answers.ts';
import { definitionOf, differs, machineNamed } from '../machines.ts';
import type { Machine } from '../model.ts';
import type { Route, Visit } from '../visit.ts';
import { bodyOf, flag } from './body.ts';
import { beginTask, pendingTasks, setStatus } from './work.ts';

const operational = ['running', 'stopped', 'stopping', 'frozen'];

function machineFor({ world, user, datacenter, name }: Visit): Machine {
  const machine = machineNamed(world, user, datacenter, name);
  return operational.includes(machine.status) ? machine : refuse(423, 'VM is not operational');
}

function power(visit: Visit): Reply {
  const machine = machineFor(visit);
  const action = visit.place as 'start' | 'stop' | 'reboot';
  const before = machine.status;
  const { force, update } = bodyOf(visit.call);
  const isForced = flag(force);
  // Starting and rebooting carry over what was changed, unless that is declined.
  const isUpdated = (update === undefined ? action !== 'stop' : flag(update)) && differs(machine);
  const fits =
    action === 'start' ? before === 'stopped' : before !== 'stopped' && before !== 'frozen';
  if (!fits) {
    refuse(417, 'Bad action');
  }
  if (before === 'stopping' && !isForced) {
    refuse(423, 'VM is already stopping; try to use force');
  }
  if (pendingTasks(visit.world, machine).length > 0) {
    if (isUpdated) {
      refuse(409, 'VM has pending tasks');
    }
    // The lock is lost to whoever has it.
    return failure(visit, 'Task did not acquire lock');
  }
  if (action !== 'start') {
    setStatus(machine, 'stopping', visit);
  }
  const messages = {
    start: `Successfully started VM ${machine.hostname}`,
    stop: `Successfully completed stop for VM ${machine.hostname}`,
    reboot: `Successfully completed reboot for VM ${machine.hostname}`,
  };
  return beginTask(visit, machine, {
    view: 'vm_status',
    message: messages[action],
    onDone: () => {
      if (isUpdated) {
        machine.deployed = definitionOf(machine);
      }
      const isRunning = action !== 'stop';
      setStatus(machine, isRunning ? 'running' : 'stopped', visit);
      machine.runningSinceMs = isRunning ? visit.clock.now() : null;
    },
    onFailed: () => setStatus(machine, before, visit),
  });
}

export const powerRoutes: readonly Route[] = [
  {
    pattern: /^vm\/([A-Za-z0-9._-]+)\/status\/(start|stop|reboot)\/$/,
    methods: { PUT: power },
  },
];
