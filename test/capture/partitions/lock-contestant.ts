import {existsSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import {takeLock} from "../../../capture/partitions/lock.ts";

// Tries every lock of a folder once all contestants are there, and lives until it is told to end.
const [folder, rounds] = [process.argv[2], Number(process.argv[3])];
const waitMs = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
writeFileSync(join(folder, `ready.${process.pid}`), "");
while (!existsSync(join(folder, "go"))) waitMs(1);
const won = Array.from({length: rounds}, (_, n) => n).filter(
  (n) => typeof takeLock(join(folder, `lock${n}`)) === "function"
);
console.log(JSON.stringify(won));
while (!existsSync(join(folder, "end"))) waitMs(5);
