import {existsSync, readdirSync} from "node:fs";
import {basename, join} from "node:path";
import {listParts, partOf} from "../../capture/partitions/layout.ts";
import {tables} from "../../schema/tables.ts";

/**
 * What lies in a lake and belongs to nobody, when no process works on it: files of no part, folders of runs, spools, exports,
 * spilled queries, files under a temporary name.
 */
export function litter(lake: string): string[] {
  const parts = new Set(listParts(lake).map(({part}) => part));
  const ofNoPart = tables.flatMap(({name}) =>
    names(join(lake, name))
      .filter((file) => !parts.has(partOf(file)))
      .map((file) => join(name, file))
  );
  const below = [".runs", ".spill", ".uploads"].flatMap((folder) =>
    names(join(lake, folder)).map((name) => join(folder, name))
  );
  const named = (existsSync(lake) ? readdirSync(lake, {recursive: true, encoding: "utf8"}) : []).filter((path) =>
    /^\.(spool|flowbook-export)-|\.tmp(\.|$)/.test(basename(path))
  );
  return [...new Set([...ofNoPart, ...below, ...named])].sort();
}

function names(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
