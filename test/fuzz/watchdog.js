// A thread that ends its process when a batch takes more than so many seconds of the processor, as it waits in vain
// within one for ever: nothing else in the process could tell. In plain JavaScript: it needs no loader.
import {writeSync} from "node:fs";
import {workerData} from "node:worker_threads";

const {batches, most} = workerData;
const cpuSeconds = () => {
  const {user, system} = process.cpuUsage();
  return (user + system) / 1e6;
};

let seen = -1;
let since = cpuSeconds();
for (;;) {
  const count = Atomics.load(batches, 0);
  if (count !== seen) {
    seen = count;
    since = cpuSeconds();
  } else if (cpuSeconds() - since > most) {
    writeSync(2, `batch ${count}, counted over all kinds, took more than ${most} seconds of the processor\n`);
    process.kill(process.pid, "SIGKILL");
  }
  Atomics.wait(batches, 0, count, 1000);
}
