import {readdirSync} from "node:fs";
import {join} from "node:path";
import {type SensorState, sensorState} from "../../schema/sensor-state.ts";
import {noteBytes, readSmallFile} from "../partitions/small-file.ts";
import {storeFolder} from "./journal.ts";
import {statesFolder} from "./mirror.ts";

/** What sensors said of themselves, the newest word of each: those of a mirrored store, and this machine's own. */
export function sensorStates(lake: string): SensorState[] {
  const fetched = namesIn(statesFolder(lake)).flatMap((name) => {
    const sensor = /^(.+)\.json$/.exec(name)?.[1];
    return sensor === undefined ? [] : readState(join(statesFolder(lake), name), sensor);
  });
  const newest = new Map<string, SensorState>();
  for (const state of [...fetched, ...ownSpools(lake)])
    if (state.atMs >= (newest.get(state.sensor)?.atMs ?? 0)) newest.set(state.sensor, state);
  return [...newest.values()];
}

/** What the senders of this lake noted of its spool. */
export function ownSpools(lake: string): SensorState[] {
  return namesIn(storeFolder(lake))
    .filter((name) => /^spool-[0-9a-f]{16}\.json$/.test(name))
    .flatMap((name) => readState(join(storeFolder(lake), name), null));
}

/** None where the file holds something else: a lake may come from anybody. */
function readState(path: string, sensor: string | null): SensorState[] {
  try {
    const text = readSmallFile(path, 64 * noteBytes);
    const of = sensor === null ? JSON.parse(text).state : JSON.parse(text);
    const state = sensorState(JSON.stringify(of), sensor ?? String(of?.sensor));
    return state ? [state] : [];
  } catch {
    return [];
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
