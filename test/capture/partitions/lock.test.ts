import {type ChildProcess, spawn} from "node:child_process";
import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync} from "node:fs";
import {hostname, tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {afterAll, describe, expect, it} from "vitest";
import {isHeld, takeLock, waitForLock} from "../../../capture/partitions/lock.ts";
import {type Owner, ownerOfThis} from "../../../capture/partitions/owner.ts";
import {itUnless, notLinux} from "../../needs.ts";

const folder = mkdtempSync(join(tmpdir(), "flowbook-lock-"));
afterAll(() => rmSync(folder, {recursive: true, force: true}));

let made = 0;
const newLock = () => join(folder, `lock-${made++}`);
const gone: Owner = {pid: 4_194_305, host: hostname(), started: "1"};
const write = (path: string, owner: Owner) => writeFileSync(path, JSON.stringify(owner));

describe("a lock between processes", () => {
  it("is held by the process that took it, until it releases it", () => {
    const lock = newLock();
    const release = takeLock(lock) as () => void;
    expect([takeLock(lock), isHeld(lock)]).toEqual([ownerOfThis(), true]);
    release();
    expect([existsSync(lock), isHeld(lock)]).toEqual([false, false]);
    expect(takeLock(lock)).toBeTypeOf("function");
    expect(readdirSync(folder).filter((name) => name.startsWith(lock.slice(folder.length + 1)))).toHaveLength(1);
  });

  it("is taken over from a process that is gone, and from a file that names nobody", () => {
    for (const text of [JSON.stringify(gone), "", "{", "4194305"]) {
      const lock = newLock();
      writeFileSync(lock, text);
      expect([isHeld(lock), typeof takeLock(lock)]).toEqual([false, "function"]);
      expect(JSON.parse(readFileSync(lock, "utf8"))).toEqual(ownerOfThis());
    }
  });

  itUnless(notLinux)("is taken over where another process has the holder's number by now", () => {
    const lock = newLock();
    write(lock, {...ownerOfThis(), started: "1"});
    expect(takeLock(lock)).toBeTypeOf("function");
  });

  it("of another machine is held until it has not changed for a day", () => {
    const lock = newLock();
    const elsewhere = {...gone, host: "elsewhere.invalid"};
    write(lock, elsewhere);
    const nowMs = Date.now();
    expect(takeLock(lock, {nowMs: nowMs + 23 * 3600 * 1000})).toEqual(elsewhere);
    expect(takeLock(lock, {nowMs: nowMs + 25 * 3600 * 1000})).toBeTypeOf("function");
  });

  it("whose holder has to say that it lives is taken over from one that is silent", () => {
    const lock = newLock();
    takeLock(lock);
    expect(takeLock(lock, {silentMs: 60_000})).toEqual(ownerOfThis());
    utimesSync(lock, Date.now() / 1000 - 61, Date.now() / 1000 - 61);
    expect(takeLock(lock)).toEqual(ownerOfThis());
    expect(takeLock(lock, {silentMs: 60_000})).toBeTypeOf("function");
  });

  it("that another process took over is not released by the one before", () => {
    const lock = newLock();
    const release = takeLock(lock) as () => void;
    const next = {...ownerOfThis(), pid: process.ppid};
    write(lock, next);
    release();
    expect(JSON.parse(readFileSync(lock, "utf8"))).toEqual(next);
  });

  it("is waited for, and told of where it stays held", async () => {
    const lock = newLock();
    const release = takeLock(lock) as () => void;
    await expect(waitForLock(lock, 200)).rejects.toThrow(`${lock}: still held by process ${process.pid} after 0.2 s`);
    const waiting = waitForLock(lock, 60_000);
    release();
    (await waiting)();
    expect(existsSync(lock)).toBe(false);
  });

  it("of a dead process goes to one of several that try at once", async () => {
    const contest = mkdtempSync(join(folder, "contest-"));
    const [rounds, contestants] = [200, 4];
    for (let n = 0; n < rounds; n++) write(join(contest, `lock${n}`), gone);
    const children = Array.from({length: contestants}, () => contestant(contest, rounds));
    await expect.poll(() => readdirSync(contest).filter((name) => name.startsWith("ready.")).length).toBe(contestants);
    writeFileSync(join(contest, "go"), "");
    await expect.poll(() => children.filter(({said}) => said.text.endsWith("\n")).length).toBe(contestants);
    writeFileSync(join(contest, "end"), "");
    await Promise.all(children.map(({child}) => new Promise((ended) => child.once("exit", ended))));
    const won = children.flatMap(({said}) => JSON.parse(said.text) as number[]).sort((a, b) => a - b);
    expect(won).toEqual(Array.from({length: rounds}, (_, n) => n));
    expect(readdirSync(contest).filter((name) => name.startsWith("lock")).length).toBe(rounds);
  });
});

function contestant(contest: string, rounds: number): {child: ChildProcess; said: {text: string}} {
  const child = spawn(
    process.execPath,
    ["--import", "tsx", join(import.meta.dirname, "lock-contestant.ts"), contest, String(rounds)],
    {cwd: resolve(import.meta.dirname, "../../.."), stdio: ["ignore", "pipe", "inherit"]}
  );
  const said = {text: ""};
  child.stdout!.on("data", (data) => {
    said.text += data;
  });
  return {child, said};
}
