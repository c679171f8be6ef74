import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {Readable} from "node:stream";
import {setImmediate} from "node:timers/promises";
import {afterAll, beforeAll, describe, expect, it} from "vitest";
import {KnownAnswers} from "../../server/queries/known-answers.ts";
import {queryLimits} from "../../server/routes/queries.ts";

const lake = mkdtempSync(join(tmpdir(), "flowbook-known-"));
beforeAll(() => void mkdirSync(join(lake, "flows")));
afterAll(() => rmSync(lake, {recursive: true, force: true}));

describe("answers that are known", () => {
  it("are given until the lake changes, which is seen with the next turn of the event loop", async () => {
    let runs = 0;
    const run = async () => ({columns: [], body: Readable.from([Buffer.from(String(++runs))])});
    const known = new KnownAnswers({run} as unknown as ConstructorParameters<typeof KnownAnswers>[0], lake);
    const answer = async () => String((await known.get("SELECT 1", queryLimits, new AbortController().signal)).body);
    expect(await Promise.all([answer(), answer()])).toEqual(["1", "1"]);
    expect(await answer()).toBe("1");
    await setImmediate();
    const before = known.state;
    writeFileSync(join(lake, "flows", "new-1.parquet"), "");
    expect(known.state).toBe(before);
    await setImmediate();
    expect(known.state).not.toBe(before);
    expect(await answer()).toBe("2");
  });
});
