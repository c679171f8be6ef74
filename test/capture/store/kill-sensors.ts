import {spawn} from "node:child_process";
import {once} from "node:events";
import {chmodSync, mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {setTimeout as sleep} from "node:timers/promises";
import {sealedParts} from "../../../capture/partitions/layout.ts";
import {mirror} from "../../../capture/store/mirror.ts";
import {openStore} from "../../../capture/store/object-store.ts";
import {storePlace} from "../../../capture/store/place.ts";
import {bin, captureToStore, rowsOf, sendPackets} from "./live-sensors.ts";
import {keys, s3StandIn} from "./s3-stand-in.ts";

/**
 * `npm run kills-sensors [PARTS]`: three sensors capture and send to one store; one after the other is killed once it has sealed
 * so many parts more (2 without it) and started again, while a mirror is synced. In the end the mirror has to hold the rows of each
 * sensor's lake, each once.
 */
const partsEach = Number(process.argv[2] ?? 2);
const sensors = ["north", "east", "west"];
const folder = mkdtempSync(join(tmpdir(), "flowbook-kill-sensors-"));
chmodSync(folder, 0o711);
const stand = await s3StandIn();
const env = {
  ...process.env,
  FLOWBOOK_STORE_ENDPOINT: stand.endpoint,
  AWS_ACCESS_KEY_ID: keys.accessKeyId,
  AWS_SECRET_ACCESS_KEY: keys.secretAccessKey
};
const lakeOf = (sensor: string) => join(folder, sensor);
const store = await openStore(storePlace({url: "s3://lake/all", endpoint: stand.endpoint}), keys);
const together = join(folder, "mirror");
const sync = () => mirror(store, {lake: together, place: "p", clock: Date.now});
const start = (sensor: string) => captureToStore(sensor, lakeOf(sensor), 3600, env);

/** Until a sensor's lake has so many parts. Throws after four minutes. */
async function untilSealed(sensor: string, parts: number): Promise<void> {
  for (let tries = 0; tries < 1200; tries++) {
    if (sealedParts(lakeOf(sensor)).length >= parts) return;
    await sleep(200);
  }
  throw new Error(`the sensor ${sensor} did not seal ${parts} parts`);
}

const packets = sendPackets();
const running = new Map(sensors.map((sensor) => [sensor, start(sensor)]));
try {
  for (const sensor of sensors) {
    await untilSealed(sensor, partsEach);
    const child = running.get(sensor)!;
    child.kill("SIGKILL");
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    await sync();
    const before = sealedParts(lakeOf(sensor)).length;
    running.set(sensor, start(sensor));
    await untilSealed(sensor, before + partsEach);
  }
} finally {
  for (const child of running.values()) child.kill("SIGINT");
  await Promise.all(
    [...running.values()].map(async (child) => child.exitCode ?? child.signalCode ?? once(child, "exit"))
  );
  packets.stop();
}
for (const sensor of sensors) {
  const args = ["sync", "--push", "s3://lake/all", "--sensor", sensor, "--lake", lakeOf(sensor)];
  await once(spawn(process.execPath, [bin, ...args], {env, stdio: ["ignore", 2, 2]}), "exit");
}
await sync();
let isSame = true;
for (const sensor of sensors) {
  const [own, mirrored] = [await rowsOf(lakeOf(sensor)), await rowsOf(together, sensor)];
  console.log(JSON.stringify({sensor, own, mirrored}));
  isSame &&= JSON.stringify(own) === JSON.stringify(mirrored) && own.flows === own.distinct_flows && own.captures > 1;
}
console.log(isSame ? "nothing lost, nothing double" : "DIFFERENT");
await stand.close();
rmSync(folder, {recursive: true, force: true});
process.exitCode = isSame ? 0 : 1;
