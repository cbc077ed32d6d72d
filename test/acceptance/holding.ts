/** Calls to Waldur that are all there before any of them is answered. */

import type { ReceivedCall } from '../../src/sandbox/server.ts';
import type { TestGateway } from '../a-gateway.ts';

/** Holds back the answers to some calls until they are let go. */
export function holding(gateway: TestGateway, which: (call: ReceivedCall) => boolean = () => true) {
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  let arrivals = 0;
  let onArrival = () => {};
  gateway.sandbox.waldur.server.inject({
    fault: { kind: 'hold', until: held },
    when: (call) => {
      if (!which(call)) {
        return false;
      }
      arrivals += 1;
      onArrival();
      return true;
    },
  });
  const arrived = (count: number) =>
    new Promise<void>((resolve) => {
      onArrival = () => {
        if (arrivals >= count) {
          resolve();
        }
      };
      onArrival();
    });
  return { letGo, arrived };
}
