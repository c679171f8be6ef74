import {setTimeout as rest} from "node:timers/promises";
import {afterAll, beforeAll, expect, it} from "vitest";
import type {AskedResults} from "../../server/asked-results.ts";
import {createHttp} from "../../server/http.ts";
import {resultRoutes} from "../../server/routes/results.ts";

const idleMs = 200;
const server = createHttp();
let url: string;

beforeAll(async () => {
  const get = () => rest(4 * idleMs, {json: "[1]"});
  const results = {get} as unknown as AskedResults;
  await server.register(resultRoutes, {results});
  url = await server.listen({host: "127.0.0.1", port: 0});
  server.server.setTimeout(idleMs);
});
afterAll(() => server.close());

it("a result that takes longer than a connection may lie idle is answered", async () => {
  const answer = await fetch(`${url}/api/results/drift`);
  expect([answer.status, await answer.json()]).toEqual([200, [1]]);
});
