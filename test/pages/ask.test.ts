import {afterEach, expect, it, vi} from "vitest";
import {askServer, statementOf} from "../../src/lib/ask.ts";

const sql = (strings: TemplateStringsArray, ...values: unknown[]) => statementOf(strings, values);

it("a value is bound, never text", () => {
  const evil = "' OR 1 = 1 --";
  expect(sql`SELECT * FROM flows WHERE service = ${evil} LIMIT ${5}`).toEqual({
    sql: "SELECT * FROM flows WHERE service = ? LIMIT ?",
    parameters: [evil, 5]
  });
});

it("a list is as many parameters, an empty one holds nothing", () => {
  expect(sql`WHERE service IN (${["dns", "tls"]}) AND proto IN (${[]})`).toEqual({
    sql: "WHERE service IN (?, ?) AND proto IN (NULL)",
    parameters: ["dns", "tls"]
  });
});

it("dates are UTC, large whole numbers exact, what is not there NULL; an object is refused", () => {
  const {sql: text, parameters} =
    sql`${new Date("2026-01-02T03:04:05.678Z")} ${2n ** 60n} ${7n} ${undefined} ${Number.NaN}`;
  expect(parameters).toEqual(["2026-01-02 03:04:05.678", "1152921504606846976", 7, null, null]);
  expect(text).toBe("CAST(? AS TIMESTAMP) ? ? ? ?");
  expect(() => sql`${{}}`).toThrow("an SQL parameter is a text, number, date, boolean or null; found object");
});

afterEach(() => vi.unstubAllGlobals());

it("a question that a busy server refused, or had no time to read, is asked again; four times at most", async () => {
  const answering = (...codes: number[]) => {
    const fetched = vi.fn(async () => {
      const status = codes.shift() ?? 500;
      return new Response(status === 200 ? "[1]" : `{"error": "${status}"}`, {status, headers: {"retry-after": "0"}});
    });
    vi.stubGlobal("fetch", fetched);
    return fetched;
  };
  answering(408, 503, 200);
  expect(await (await askServer("/api/answers", {})).json()).toEqual([1]);
  const refusing = answering(408, 408, 408, 408, 200);
  await expect(askServer("/api/answers", {})).rejects.toThrow("408");
  expect(refusing).toHaveBeenCalledTimes(4);
  const wrong = answering(422, 200);
  await expect(askServer("/api/answers", {})).rejects.toThrow("422");
  expect(wrong).toHaveBeenCalledTimes(1);
});
