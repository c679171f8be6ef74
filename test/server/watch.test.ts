import {mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {afterEach, beforeEach, expect, it, vi} from "vitest";
import {notebookProject} from "../../server/notebook/notebook-folder.ts";
import {stampOf, watchedFolders, watchStamp} from "../../server/watch.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flowbook-watch-"));
  vi.useFakeTimers({toFake: ["setInterval", "clearInterval"]});
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, {recursive: true, force: true});
});

it("a part that is sealed is noticed within two looks while packets flow into the ring", () => {
  const lake = join(folder, "lake");
  for (const name of ["captures", "flows", "packets/c0ffee"]) mkdirSync(join(lake, name), {recursive: true});
  const called: number[] = [];
  let look = 0;
  const end = watchStamp(
    () => stampOf(watchedFolders(lake, folder)),
    1000,
    () => called.push(look)
  );
  for (look = 1; look <= 9; look++) {
    writeFileSync(join(lake, "packets/c0ffee/1.pcap"), Buffer.alloc(look * 1000));
    if (look === 3) writeFileSync(join(lake, "captures/1-0.parquet"), "sealed");
    vi.advanceTimersByTime(1000);
  }
  end();
  expect(called).toEqual([4]);
});

it("a save of a page or a loader in a notebook folder is noticed, though its project only links to them", () => {
  const project = notebookProject(resolve(import.meta.dirname, "../.."), folder);
  const stamps = () => [stampOf([join(project, "src")]), stampOf(watchedFolders(join(folder, "lake"), project))];
  const before = stamps();
  writeFileSync(join(folder, "pages/guests.md"), "# Guests");
  const withPage = stamps();
  expect([withPage[0] === before[0], withPage[1] === before[1]]).toEqual([false, true]);
  writeFileSync(join(folder, "pages/guests.md"), "# Guests, once more");
  expect(stamps()[0]).not.toBe(withPage[0]);
  writeFileSync(join(folder, "loaders/own.json.ts"), "");
  expect(stamps()[1]).not.toBe(withPage[1]);
});

it("links that lead in circles end", () => {
  writeFileSync(join(folder, "a"), "");
  symlinkSync(folder, join(folder, "up"), "junction");
  expect(
    stampOf([folder])
      .split("\n")
      .map((line) => line.split(" ")[0].slice(folder.length))
  ).toEqual(["", "/a", "/up/a", "/up/up/a", "/up/up/up/a"]);
});
