import {totalmem} from "node:os";
import {Worker} from "node:worker_threads";

/** Half of the machine's memory, so that the system need not choose whom to kill, and room to score in on a small one. */
const usualMb = Math.max(2048, Math.floor(totalmem() / 2e6));

/** Ends this process, with a word, should it take more memory than that while it runs a model of somebody else's. */
export function guardMemory(folder: string, mostMb = usualMb): void {
  const words = `flowbook: the models of ${JSON.stringify(folder)} took more than ${mostMb.toLocaleString("en")} MB of memory: they are not used\n`;
  new Worker(new URL("./memory-guard.js", import.meta.url), {workerData: {mostMb, words}, execArgv: []}).unref();
}
