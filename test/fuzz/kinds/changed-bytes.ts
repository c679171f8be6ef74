import {mutated} from "../mutation.ts";
import type {Kind} from "./kind.ts";

/** Valid frames with bits, bytes and pieces changed, after their valid selves where the flow should exist. */
export const changedBytes: Kind = {
  name: "valid frames with bits, bytes and pieces changed",
  share: 0.2,
  begin(random, valid) {
    const all = valid.map(({bytes}) => bytes);
    return (add) => {
      const {bytes, link} = random.of(valid);
      if (random.chance(0.3)) add(bytes, link);
      for (let n = random.between(1, 12); n > 0; n--) {
        const changed = mutated(bytes, random, all);
        const wire = random.chance(0.9) ? changed.length : bytes.length + random.below(2000);
        add(changed, random.chance(0.97) ? link : random.of(valid).link, wire);
      }
    };
  }
};
