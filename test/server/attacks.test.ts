import type {AddressInfo} from "node:net";
import {afterAll, beforeAll, describe, expect, it} from "vitest";
import {queryLimits} from "../../server/routes/queries.ts";
import {makeLake} from "../fixtures/make-lake.ts";
import {type AppUnderTest, appUnderTest} from "./app-under-test.ts";
import {httpAttacks} from "./attacks/http.ts";
import {sqlAttacks} from "./attacks/sql.ts";
import {ask, askSql, type Target} from "./attacks/target.ts";
import {wireAttacks} from "./attacks/wire.ts";

let app: AppUnderTest;
let target: Target;
beforeAll(async () => {
  app = await appUnderTest({origins: () => [target.origin], queryLimits: {...queryLimits, timeoutMs: 2000}});
  await makeLake(app.lake, 500);
  await app.server.listen({host: "127.0.0.1", port: 0});
  const {port} = app.server.server.address() as AddressInfo;
  target = {origin: `http://127.0.0.1:${port}`, session: app.session};
});
afterAll(() => app.close());

describe("a reader's statement", () => {
  for (const {name, expected, run} of sqlAttacks.filter(({isSlow}) => !isSlow))
    it(`${name}: ${expected}`, async () => {
      const attack = run(target);
      // Others are answered meanwhile.
      expect(await ask(target, "/api/health")).toBe("200");
      expect(await attack).toMatch(expected);
      await expect.poll(() => askSql(target, "SELECT count(*) FROM flows")).toBe("200");
    });
});

describe("a stranger's request", () => {
  for (const {name, expected, run} of [...httpAttacks, ...wireAttacks].filter(
    ({isSlow, needsPages}) => !isSlow && !needsPages
  ))
    it(`${name}: ${expected}`, async () => {
      expect(await run(target)).toMatch(expected);
      expect(await ask(target, "/api/health")).toBe("200");
    });
});
