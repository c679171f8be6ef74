import {statSync} from "node:fs";
import {dirname, resolve} from "node:path";
import type {Writable} from "node:stream";
import {QueryLimit} from "../loaders/lake/query-limit.ts";
import {exit, UserError} from "./verb.ts";

/** Runs what writes to a stream; a reader that has seen enough (`| head`) ends it quietly, with 0 rows told. */
export async function writingTo(stream: Writable, write: (to: Writable) => Promise<number>): Promise<number> {
  const ignore = () => {};
  stream.on("error", ignore);
  try {
    return await write(stream);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EPIPE") return 0;
    throw error;
  } finally {
    stream.off("error", ignore);
  }
}

/** Throws where a file that is to be written has no folder to lie in, or is one: before a query takes its time. */
export function checkTarget(verb: string, file: string): void {
  if (file === "-") return;
  const folder = dirname(resolve(file));
  if (!statSync(folder, {throwIfNoEntry: false})?.isDirectory())
    throw new UserError(exit.usage, `${verb}: there is no folder ${folder}`, {
      hint: `mkdir -p makes it, or name another file with -w`
    });
  if (statSync(file, {throwIfNoEntry: false})?.isDirectory())
    throw new UserError(exit.usage, `${verb}: expected a file to write, found the folder ${file}`);
}

/** What went wrong with a query, in the engine's words: the statement's fault, or a limit's. */
export function queryError(error: unknown): unknown {
  const {name, message, syscall} = error as NodeJS.ErrnoException;
  if (error instanceof UserError) return error;
  if (error instanceof QueryLimit) return new UserError(exit.limit, message, {cause: error});
  if (syscall) return new UserError(exit.configuration, message, {cause: error});
  if (name === "StatementRefused" || /^(?:[A-Z][A-Za-z ]+ Error|Failed to)/.test(message))
    return new UserError(exit.usage, message, {cause: error});
  return error;
}
