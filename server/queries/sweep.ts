import {readdirSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {isAlive} from "../../capture/partitions/owner.ts";

/** Removes folders of queries' processes whose server was killed and did not come to it. */
export function sweepFolders(lake: string): void {
  for (const [folder, prefix] of [
    [join(lake, ".spill"), "query"],
    [tmpdir(), "flowbook-query"]
  ])
    for (const name of namesIn(folder)) {
      const owner = new RegExp(`^${prefix}-(\\d+)-\\w+$`).exec(name)?.[1];
      if (owner && !isAlive(Number(owner))) rmSync(join(folder, name), {recursive: true, force: true});
    }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
