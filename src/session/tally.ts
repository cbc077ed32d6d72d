/** What an operation has cost upstream so far, in numbers. */

import type { ObservedCall } from '../upstream/http/asker.ts';
import type { Weighing } from '../upstream/waldur/source.ts';

export class Tally {
  /** Calls that were sent for it. */
  calls = 0;
  /** Calls of others that it joined. */
  shared = 0;
  /** Links that rows in hand answered. */
  freeLinks = 0;
  /** What it was reckoned to cost beforehand. */
  cost = 0;
  /** Whether it joined the same query of the same caller: what that cost is in the other's tally. */
  hasJoined = false;

  /** Plans that are taken for it, where somebody wants them at its end; subscriptions have none in sight. */
  plans: Weighing[] | undefined;
  /** Whether it has made something of what is in no answer of Waldur's: of another cloud, or of the time. */
  hasLookedElsewhere = false;
  /** Whether it was answered as before, since nothing of what it has read had changed. */
  isUnchanged = false;

  readonly onCall = ({ shared }: ObservedCall): void => {
    if (shared) {
      this.shared += 1;
    } else {
      this.calls += 1;
    }
  };

  readonly onFreeLink = (): void => {
    this.freeLinks += 1;
  };
}
