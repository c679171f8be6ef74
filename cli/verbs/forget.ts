import {basename, resolve} from "node:path";
import {forgetReviews} from "../../alerts/reviews.ts";
import {finishForgetting, partsOnlyOf} from "../../capture/partitions/forgetting.ts";
import {forget} from "../../capture/partitions/forgotten.ts";
import {capturesOf, type KnownCapture} from "../../capture/partitions/known.ts";
import {parsePart} from "../../capture/partitions/layout.ts";
import {isRunning} from "../../capture/partitions/run.ts";
import type {ObjectStore} from "../../capture/store/object-store.ts";
import {forgetInStore} from "../../capture/store/store-tombstones.ts";
import {tidyStore} from "../../capture/store/tidy-store.ts";
import {openLake} from "../../loaders/lake/duckdb.ts";
import {printable} from "../progress.ts";
import {askStore, storeAtHand} from "../store.ts";
import {exit, UserError, type Verb} from "../verb.ts";

/** Digits of a hash that suffice to name a capture, where no other begins with them. */
const leastDigits = 6;

export const verb: Verb = {
  name: "forget",
  usage: "CAPTURE [--store s3://BUCKET/PREFIX]",
  options: {store: {type: "string"}},
  help: {store: "in the store that this lake mirrors, too, and so in all its mirrors at their next sync"},
  readsLake: true,
  async run({positionals, values, lake, json, storeKeys}) {
    if (positionals.length !== 1)
      throw new UserError(exit.usage, `forget: expected one capture, found ${positionals.length}`, {
        hint: `flowbook forget ${verb.usage}`
      });
    const capture = only(positionals[0], await capturesOf(lake));
    const {run} = parsePart(capture.part);
    if (isRunning(lake, run, Date.now()))
      throw new UserError(exit.limit, `forget: ${printable(capture.path)} is still being captured`, {
        hint: "stop the capture first"
      });
    const atHand = values.store === undefined ? null : await storeAtHand(String(values.store), storeKeys);
    // Before the lake forgets: a call that is killed can be made again.
    if (atHand) await askStore("forget", () => forgetThere(atHand.store, lake, capture, run));
    // First: afterwards nothing tells which they are.
    await forgetReviews(lake, await reviewedIn(lake, capture.capture_sha256));
    forget(lake, capture.capture_sha256, {upTo: run, after: null});
    const gone = await finishForgetting(lake, Date.now());
    const isDone = gone.includes(capture.capture_sha256);
    if (atHand) await askStore("forget", () => tidyStore(atHand.store, {lake, maxAgeS: null, clock: Date.now}));
    const report = {
      sha256: capture.capture_sha256,
      path: capture.path,
      packets: Number(capture.packets),
      flows: Number(capture.flows),
      rows_removed: isDone
    };
    if (json) console.log(JSON.stringify(report));
    else {
      console.log(`forgotten: ${printable(capture.path)} (${capture.capture_sha256.slice(0, 12)})`);
      if (!isDone)
        console.error("flowbook: another process is writing this lake: the rows go with the next import, start or gc");
    }
    return exit.ok;
  }
};

/** Says to all who read the store that the capture is forgotten. */
async function forgetThere(store: ObjectStore, lake: string, {capture_sha256}: KnownCapture, upTo: string) {
  const parts = await partsOnlyOf(lake, capture_sha256);
  await forgetInStore(store, {sha256: capture_sha256, upTo, parts});
}

/** Ids of the incidents and notices of a capture. */
async function reviewedIn(lake: string, sha256: string): Promise<string[]> {
  const engine = await openLake(lake);
  try {
    const of = (id: string, name: string) => `SELECT ${id} FROM ${name} WHERE capture_sha256 = ?`;
    const sql = `${of("incident_id", "incidents")} UNION ALL ${of("notice_id", "notices")}`;
    const {rows} = await engine.query(sql, [sha256, sha256]);
    return rows.map(([id]) => String(id));
  } finally {
    await engine.close();
  }
}

/** The one capture that is meant. Throws where there is none, or more than one. */
function only(named: string, captures: readonly KnownCapture[]): KnownCapture {
  const byHash = new RegExp(`^[0-9a-f]{${leastDigits},64}$`).test(named)
    ? captures.filter(({capture_sha256}) => capture_sha256.startsWith(named))
    : [];
  const byPath = captures.filter(({path}) => path === named || isAt(path, named));
  // A file's name suffices, wherever it was imported from.
  const byName = captures.filter(({path}) => basename(path) === named);
  const found = [byHash, byPath, byName].find(({length}) => length > 0) ?? [];
  if (found.length === 1) return found[0];
  if (found.length === 0)
    throw new UserError(exit.input, `forget: the lake has no capture ${printable(named)}`, {
      hint: 'flowbook query "SELECT capture_sha256, path FROM captures" lists them'
    });
  const listed = found.map(({capture_sha256, path}) => `  ${capture_sha256.slice(0, 16)}  ${printable(path)}`);
  throw new UserError(
    exit.usage,
    `forget: ${found.length} captures are called ${printable(named)}:\n${listed.join("\n")}`,
    {
      hint: "give the first digits of the hash of one of them"
    }
  );
}

const isAt = (path: string, named: string) => resolve(path) === resolve(named);
