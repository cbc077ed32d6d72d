/** A counter for what comes with each call. */

import { Counter, type CounterConfiguration, type LabelValues } from 'prom-client';

/** @param key - the same for the same labels */
type Count<L extends string> = (key: string, labels: LabelValues<L>, count: number) => void;

/** Keeps what is counted until somebody reads it, as finding a counter by its labels costs more than counting. */
export function openOftenCounter<L extends string>(
  configuration: CounterConfiguration<L>,
): Count<L> {
  const kept = new Map<string, { readonly labels: LabelValues<L>; count: number }>();
  new Counter<L>({
    ...configuration,
    collect() {
      for (const { labels, count } of kept.values()) {
        this.inc(labels, count);
      }
      kept.clear();
    },
  });
  return (key, labels, count) => {
    const before = kept.get(key);
    if (before === undefined) {
      kept.set(key, { labels, count });
    } else {
      before.count += count;
    }
  };
}
