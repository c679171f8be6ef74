import {spawnSync} from "node:child_process";
import {resolve} from "node:path";
import {expect, it} from "vitest";

const root = resolve(import.meta.dirname, "../..");

it("a process that runs a stranger's model ends with a word when it takes more memory than it may", () => {
  const script = `
    const {guardMemory} = await import("${root}/cli/memory-guard.ts");
    guardMemory("theirs\\u001b[2J", 200);
    const kept = [];
    for (let k = 0; k < 3000; k++) kept.push(Buffer.alloc(2e6, 1));
    console.log("not ended", kept.length);`;
  const hook = `--import=${new URL("../../scripts/typescript-hook.js", import.meta.url)}`;
  const {stdout, stderr, signal} = spawnSync(process.execPath, [hook, "--input-type=module", "-e", script], {
    encoding: "utf8"
  });
  expect([stdout, stderr, signal]).toEqual([
    "",
    'flowbook: the models of "theirs\\u001b[2J" took more than 200 MB of memory: they are not used\n',
    "SIGKILL"
  ]);
});
