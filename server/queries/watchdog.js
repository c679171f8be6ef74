// A thread of the process that runs readers' queries, in plain JavaScript: kills the process when a query goes on beyond
// its time or the process beyond its memory, and when nobody is left to answer to. The engine can be interrupted only
// where it looks for it; its planner, for one, does not.
import {rmSync, writeSync} from "node:fs";
import {workerData} from "node:worker_threads";

/** Shared with the main thread: whether a query runs, and until when, in ms since 1970. */
const state = new BigInt64Array(workerData.state);
const {processMb, folder, server} = workerData;
const everyMs = 10;
const idleMs = 500;

for (;;) {
  const until = Atomics.load(state, 0);
  Atomics.wait(state, 0, until, until === 0n ? idleMs : everyMs);
  if (process.ppid !== server) {
    rmSync(folder, {recursive: true, force: true});
    end();
  }
  const memoryMb = process.memoryUsage.rss() / 1e6;
  if (memoryMb > processMb) end("memory");
  if (until !== 0n && BigInt(Date.now()) > until) end("time");
}

/** The reason goes to standard error, which is whole before the process ends. */
function end(cap) {
  try {
    if (cap) writeSync(2, `\nended: ${cap}\n`);
  } finally {
    process.kill(process.pid, "SIGKILL");
  }
}
