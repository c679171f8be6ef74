import {readdirSync} from "node:fs";
import {join} from "node:path";
import {sharedData} from "../shared-data.ts";

const isCapture = /\.(pcap|pcapng|cap)(\.gz|\.zst)?$/;

/** Captures below folders of the shared data, in order. */
export function capturesOf(...folders: readonly string[]): string[] {
  return folders.flatMap((name) => {
    const folder = join(sharedData, name);
    return readdirSync(folder, {recursive: true, encoding: "utf8"})
      .filter((file) => isCapture.test(file))
      .map((file) => join(folder, file))
      .sort();
  });
}
