import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterEach, beforeEach, expect, it, vi} from "vitest";
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
