/** The states that a resource goes through, on the sandbox's clock. */

import type { Clock } from '../../clock.ts';
import type { Resource, State } from '../model.ts';

/** Waldur's task queue starts nothing earlier. */
export const scheduledMs = 2_000;
/** What the simulated backends take for their work. */
export const runningMs = 3_000;

/** A resource with this in its name ends every operation in ERRED. */
export const failingName = 'please-fail';

const phases = {
  creation: ['CREATION_SCHEDULED', 'CREATING'],
  update: ['UPDATE_SCHEDULED', 'UPDATING'],
  deletion: ['DELETION_SCHEDULED', 'DELETING'],
} as const satisfies Record<string, readonly [State, State]>;

export interface Operation {
  readonly kind: keyof typeof phases;
  /** What the backend's success brings; the state is OK by then, except for a deletion. */
  readonly onDone?: () => void;
  /** What the backend's failure brings; ERRED with an error when absent. */
  readonly onFailed?: () => void;
  /** It never ends, as a few of the real ones do. */
  readonly isEndless?: boolean;
}

export class Lifecycle {
  readonly #clock: Clock;
  readonly #pending = new Map<Resource, () => void>();
  #saved = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Now, as Waldur's rows hold it: to the microsecond, no two the same, without a zone. */
  instant(): string {
    this.#saved = (this.#saved + 1) % 1_000;
    const whole = new Date(this.#clock.now()).toISOString().slice(0, 23);
    return `${whole}${String(this.#saved).padStart(3, '0')}`;
  }

  /** Saves a change, which bumps `modified`. */
  save(resource: Resource, change: Partial<Resource> = {}): void {
    Object.assign(resource, change, { modified: this.instant() });
  }

  /** Schedules an operation: at once in its scheduled state, later running, at last done. */
  begin(resource: Resource, operation: Operation): void {
    this.settle(resource);
    const [scheduled, running] = phases[operation.kind];
    this.save(resource, { state: scheduled });
    const cancel = this.#clock.after(scheduledMs, () => {
      this.save(resource, { state: running, errorMessage: '', errorTraceback: '' });
      if (operation.isEndless !== true) {
        this.#pending.set(
          resource,
          this.#clock.after(runningMs, () => this.#end(resource, operation)),
        );
      }
    });
    this.#pending.set(resource, cancel);
  }

  /** Calls off whatever is under way. */
  settle(resource: Resource): void {
    this.#pending.get(resource)?.();
    this.#pending.delete(resource);
  }

  #end(resource: Resource, { kind, onDone, onFailed }: Operation): void {
    this.#pending.delete(resource);
    if (!resource.name.includes(failingName)) {
      if (kind !== 'deletion') {
        this.save(resource, { state: 'OK' });
      }
      onDone?.();
    } else if (onFailed !== undefined) {
      onFailed();
    } else {
      this.save(resource, {
        state: 'ERRED',
        errorMessage: 'The backend refused, as the name asked for.',
        errorTraceback: 'Traceback (most recent call last):\n  BackendError',
      });
    }
  }
}
