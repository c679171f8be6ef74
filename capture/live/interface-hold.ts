import {readdirSync, readFileSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import {runsFolder} from "../partitions/layout.ts";
import {closeRun, isRunning, openNamedRun, type Run} from "../partitions/run.ts";
import {allInterfaces} from "./interface.ts";
import {LiveProblem} from "./problem.ts";

/** What a running capture says of itself to others of the same lake. */
interface Held {
  readonly interface: string;
  readonly filter: string;
  readonly pid: number;
}

const prefix = "live.";
const heldName = "capture.json";

/**
 * Says in the lake that this interface is captured, until the run is closed or the process dies. Throws a LiveProblem
 * where another capture takes the same packets already: they would count twice. Of two different filters nobody knows
 * whether they select the same packets: `warnings` then say so. `nowMs`: wall clock.
 */
export function holdInterface(
  lake: string,
  wanted: Omit<Held, "pid">,
  nowMs: number
): {readonly run: Run; readonly warnings: readonly string[]} {
  const run = openHold(lake);
  const own: Held = {interface: wanted.interface, filter: wanted.filter, pid: process.pid};
  writeFileSync(join(run.folder, heldName), JSON.stringify(own), {mode: 0o600});
  const others = readdirSync(runsFolder(lake))
    .filter((id) => id.startsWith(prefix) && id !== run.id && isRunning(lake, id, nowMs))
    .flatMap((id) => readHeld(join(runsFolder(lake), id, heldName)))
    .filter((other) => [other.interface, allInterfaces].includes(own.interface) || other.interface === allInterfaces);
  const same = others.find(({filter}) => filter === own.filter || filter === "" || own.filter === "");
  if (same) {
    closeRun(run);
    throw new LiveProblem(
      "captured-already",
      `interface ${same.interface} is captured into this lake already, by process ${same.pid}: its packets would count twice`,
      "stop that capture, or name another lake with --lake DIR"
    );
  }
  return {
    run,
    warnings: others.map(
      ({interface: name, filter, pid}) =>
        `process ${pid} captures ${name} into this lake, too: packets that its filter ${JSON.stringify(filter)} selects as well count twice`
    )
  };
}

function openHold(lake: string): Run {
  for (let n = 0; ; n++) {
    const run = openNamedRun(lake, `${prefix}${process.pid.toString(36)}-${n}`);
    if (run) return run;
  }
}

/** Nothing where it just began, or has ended. */
function readHeld(path: string): Held[] {
  try {
    return [JSON.parse(readFileSync(path, "utf8")) as Held];
  } catch {
    return [];
  }
}
