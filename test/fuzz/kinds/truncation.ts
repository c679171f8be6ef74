import type {Kind} from "./kind.ts";

/** Valid frames cut at every length, as a snapshot length cuts them or as if nothing had followed. */
export const truncation: Kind = {
  name: "valid frames cut at every length",
  share: 0.15,
  begin(random, valid) {
    return (add) => {
      const {bytes, link} = random.of(valid);
      const keepsWire = random.chance(0.5);
      // Headers are cut at every byte, long payloads at some.
      for (let length = 0; length <= bytes.length; length += length < 160 ? 1 : random.between(1, 200))
        add(bytes.subarray(0, length), link, keepsWire ? bytes.length : length);
    };
  }
};
