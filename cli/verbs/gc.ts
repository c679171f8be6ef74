import {trimKept} from "../../capture/import/kept-captures.ts";
import {trimPackets} from "../../capture/live/packet-ring.ts";
import {finishForgetting} from "../../capture/partitions/forgetting.ts";
import {mergeParts} from "../../capture/partitions/merge.ts";
import {tidyStore} from "../../capture/store/tidy-store.ts";
import {retainParts} from "../../loaders/lake/retention.ts";
import {ageOption, sizeOption} from "../amounts.ts";
import {askStore, storeAtHand} from "../store.ts";
import {exit, UserError, type Verb} from "../verb.ts";

export const verb: Verb = {
  name: "gc",
  usage:
    "[--max-age AGE] [--max-size SIZE] [--ring-age AGE] [--ring-size SIZE] [--store s3://BUCKET/PREFIX] [--dry-run]",
  options: {
    "max-age": {type: "string"},
    "max-size": {type: "string"},
    "ring-age": {type: "string"},
    "ring-size": {type: "string"},
    store: {type: "string"},
    "dry-run": {type: "boolean"}
  },
  help: {
    "max-age": "remove parts older than this: 30d, 12h, 90m (default: no limit)",
    "max-size": "remove the oldest parts until the lake has at most this size: 500M, 10G (default: no limit)",
    "ring-age": "as --max-age, for raw packets of live captures and for uploaded capture files",
    "ring-size": "as --max-size, for raw packets",
    store: "merge the parts of the store that this lake mirrors, too, and remove those sent longer ago than --max-age",
    "dry-run": "list what would be removed, without removing it"
  },
  readsLake: true,
  async run({values, lake, json, storeKeys}) {
    const limits = {
      maxAgeS: ageOption(values["max-age"], "max-age"),
      maxBytes: sizeOption(values["max-size"], "max-size")
    };
    const ring = {
      ageS: ageOption(values["ring-age"], "ring-age") ?? Number.POSITIVE_INFINITY,
      bytes: sizeOption(values["ring-size"], "ring-size") ?? Number.POSITIVE_INFINITY
    };
    const dryRun = values["dry-run"] === true;
    const now = Date.now();
    const {done, ...retained} = await retainParts(lake, limits, now, dryRun);
    if (!done)
      throw new UserError(exit.limit, `gc: another process is merging or removing parts of ${lake}`, {
        hint: "try again when it has finished"
      });
    if (!dryRun) await finishForgetting(lake, now);
    const merged = dryRun ? [] : await mergeParts(lake, Date.now());
    const packets = dryRun ? {files: 0, bytes: 0} : trimPackets(lake, ring, now);
    const files = dryRun ? {files: 0, bytes: 0} : trimKept(lake, ring, now);
    const atHand = values.store === undefined ? null : await storeAtHand(String(values.store), storeKeys);
    const {maxAgeS} = limits;
    const tidied =
      atHand && (await askStore("gc", () => tidyStore(atHand.store, {lake, maxAgeS, clock: Date.now, dryRun})));
    const report = {
      removed_parts: retained.removed.length,
      removed_bytes: retained.removedBytes,
      kept_bytes: retained.keptBytes,
      merged_parts: merged.length,
      swept_files: retained.sweptFiles,
      removed_packet_files: packets.files + files.files,
      removed_packet_bytes: packets.bytes + files.bytes,
      ...(tidied
        ? {
            store_parts_merged: tidied.replaced,
            store_parts_sent: tidied.sent,
            store_parts_removed: tidied.removed,
            store_removed_bytes: tidied.removedBytes
          }
        : {}),
      dry_run: dryRun
    };
    console.log(json ? JSON.stringify(report) : describe(report));
    return exit.ok;
  }
};

function describe(report: Record<string, number | boolean>): string {
  return Object.entries(report)
    .filter(([, value]) => typeof value === "number")
    .map(([name, value]) => `${name.replaceAll("_", " ").padEnd(22)}${value.toLocaleString("en")}`)
    .join("\n");
}
