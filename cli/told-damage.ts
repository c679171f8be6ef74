import {lakeDamage} from "../capture/partitions/lost-files.ts";
import {printable} from "./progress.ts";

const mostNamed = 5;

/** Tells on stderr which files of a lake are left out; false where none is. */
export function tellDamage(lake: string): boolean {
  const damage = lakeDamage(lake);
  for (const {table, file, problem} of damage.slice(0, mostNamed))
    console.error(`flowbook: ${printable(`${table}/${file} ${problem}`)}: its rows are left out`);
  if (damage.length > mostNamed) console.error(`flowbook: and ${damage.length - mostNamed} files more`);
  if (damage.length > 0) console.error("  flowbook doctor --repair imports again what it can");
  return damage.length > 0;
}
