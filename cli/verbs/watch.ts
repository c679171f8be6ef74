import {spawn} from "node:child_process";
import {statSync} from "node:fs";
import {join, resolve} from "node:path";
import {setTimeout as sleep} from "node:timers/promises";
import {projectRoot} from "../configuration.ts";
import {counted} from "../counted.ts";
import {EndingSignals} from "../ending-signals.ts";
import {exit, UserError, type Verb} from "../verb.ts";
import {WatchedFolder} from "../watched-folder.ts";

const everyMs = 1000;

export const verb: Verb = {
  name: "watch",
  usage: "FOLDER [--once]",
  options: {once: {type: "boolean"}},
  help: {once: "import the captures that are complete now, then end"},
  async run({positionals, values, lake, json}) {
    const [folder, ...rest] = positionals.map((path) => resolve(path));
    if (!folder || rest.length > 0) throw new UserError(exit.usage, "watch: expected one folder");
    if (!statSync(folder, {throwIfNoEntry: false})?.isDirectory())
      throw new UserError(exit.input, `watch: expected a folder, found none at ${folder}`);
    const signals = new EndingSignals(process, (code) => process.exit(code));
    const watched = new WatchedFolder(folder);
    const say = (event: object, words: string) => console.log(json ? JSON.stringify(event) : words);
    if (!values.once) console.error(`flowbook: watching ${folder}; Ctrl-C ends it`);
    watched.complete();
    while (!signals.signal.aborted) {
      await sleep(everyMs, undefined, {signal: signals.signal}).catch(() => {});
      const files = signals.signal.aborted ? [] : watched.complete();
      if (files.length > 0) {
        const began = performance.now();
        // What cannot be read is told by the import itself, and not tried again until it changes.
        const code = await flowbook(["import", "--lake", lake, "--", ...files], json, signals.signal);
        if (!signals.signal.aborted) await flowbook(["run", "--lake", lake], true, signals.signal);
        const tookS = Math.round((performance.now() - began) / 100) / 10;
        say({files, code, took_s: tookS}, `${counted(files.length, "capture")}: pages renewed after ${tookS} s`);
      }
      if (values.once) break;
    }
    return exit.ok;
  }
};

/** Runs another verb; it hears the terminal's signals itself, and ends what it has begun. */
function flowbook(args: readonly string[], isQuiet: boolean, signal: AbortSignal): Promise<number | null> {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [join(projectRoot, "bin/flowbook.js"), ...args], {
      stdio: ["ignore", isQuiet ? "ignore" : "inherit", "inherit"]
    });
    const end = () => child.kill("SIGTERM");
    signal.addEventListener("abort", end, {once: true});
    child.on("error", failed);
    child.on("close", (code) => {
      signal.removeEventListener("abort", end);
      done(code);
    });
  });
}
