import {spawn} from "node:child_process";
import {once} from "node:events";
import {chmodSync, mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {setTimeout as sleep} from "node:timers/promises";
import {mirror} from "../../../capture/store/mirror.ts";
import {openStore} from "../../../capture/store/object-store.ts";
import {storePlace} from "../../../capture/store/place.ts";
import {bin, captureToStore, rowsOf, sendPackets} from "./live-sensors.ts";
import {keys, s3StandIn} from "./s3-stand-in.ts";

/**
 * `npm run store-away [SECONDS]`: a live capture on the loopback interface sends to a store that goes away for so long
 * (60 without it) and comes back; a second one is killed while it is away. Then the mirror has to hold the sensor's rows,
 * each once. With FLOWBOOK_STORE_ENDPOINT and AWS_… set the last check is made with that store, which is never away.
 */
const awayS = Number(process.argv[2] ?? 60);
const folder = mkdtempSync(join(tmpdir(), "flowbook-away-"));
chmodSync(folder, 0o711);
const lake = join(folder, "lake");
const stand = await s3StandIn();
const real = process.env.FLOWBOOK_STORE_ENDPOINT;
const env = {
  ...process.env,
  FLOWBOOK_STORE_ENDPOINT: real ?? stand.endpoint,
  ...(real ? {} : {AWS_ACCESS_KEY_ID: keys.accessKeyId, AWS_SECRET_ACCESS_KEY: keys.secretAccessKey})
};

const packets = sendPackets();
const capture = (seconds: number) => captureToStore("north", lake, seconds, env);

const first = capture(awayS + 25);
await sleep(8000);
const before = stand.puts.length;
stand.refuse = () => 0;
await sleep(awayS * 1000);
const during = stand.puts.length - before;
stand.refuse = () => null;
await once(first, "exit");
const second = capture(60);
await sleep(6000);
stand.refuse = () => 503;
await sleep(6000);
second.kill("SIGKILL");
await once(second, "exit");
stand.refuse = () => null;
packets.stop();
const push = spawn(process.execPath, [bin, "sync", "--push", "s3://lake/all", "--sensor", "north", "--lake", lake], {
  env,
  stdio: "inherit"
});
const [code] = await once(push, "exit");
const place = storePlace({url: "s3://lake/all", endpoint: env.FLOWBOOK_STORE_ENDPOINT});
const store = await openStore(place, {
  accessKeyId: env.AWS_ACCESS_KEY_ID!,
  secretAccessKey: env.AWS_SECRET_ACCESS_KEY!
});
const other = join(folder, "mirror");
const mirrored = await mirror(store, {lake: other, place: "p", clock: Date.now});
const [there, here] = [await rowsOf(lake), await rowsOf(other)];
console.log(
  JSON.stringify(
    {awayS, sentPackets: packets.sent(), putsWhileAway: during, push: code, mirrored, sensor: there, mirror: here},
    null,
    1
  )
);
const isSame = JSON.stringify(there) === JSON.stringify(here) && here.flows === here.distinct_flows && here.flows > 0;
console.log(isSame ? "nothing lost, nothing double" : "DIFFERENT");
await stand.close();
rmSync(folder, {recursive: true, force: true});
process.exitCode = isSame ? 0 : 1;
