/** Repeatable chance: the same seed gives the same world. */

export interface Random {
  /** At least 0, below 1. */
  fraction(): number;
  /** A whole number, both ends included. */
  integer(from: number, to: number): number;
  /** True in `probability` of all cases. */
  chance(probability: number): boolean;
  /** One of `choices`, which must not be empty. */
  pick<T>(choices: readonly T[]): T;
  /** So many lower-case hexadecimal digits. */
  hex(digits: number): string;
}

/** Source of the generator: mulberry32, public domain, by Tommy Ettinger. */
export function openRandom(seed: number): Random {
  let state = seed >>> 0;
  const fraction = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const integer = (from: number, to: number) => from + Math.floor(fraction() * (to - from + 1));
  return {
    fraction,
    integer,
    chance: (probability) => fraction() < probability,
    pick(choices) {
      if (choices.length === 0) {
        throw new Error('nothing to pick from');
      }
      return choices[integer(0, choices.length - 1)] as (typeof choices)[number];
    },
    hex(digits) {
      let text = '';
      while (text.length < digits) {
        text += Math.floor(fraction() * 4294967296)
          .toString(16)
          .padStart(8, '0');
      }
      return text.slice(0, digits);
    },
  };
}
