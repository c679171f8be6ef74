import {afterAll, beforeAll, describe, expect, it} from "vitest";
import type {Route} from "../../server/app.ts";
import {type AppUnderTest, appUnderTest} from "./app-under-test.ts";

let app: AppUnderTest;
beforeAll(async () => {
  app = await appUnderTest();
});
afterAll(() => app.close());

interface Properties {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly additionalProperties?: boolean;
}
const part = ({schema}: Route, name: string) => (schema as Readonly<Record<string, Properties>>)[name];

describe("every route", () => {
  it("has a schema that says what it does, what it takes and what it answers", () => {
    const lacking = app.routes.flatMap((route) => {
      const {method, url, schema} = route;
      if (!schema) return [`${method} ${url}: no schema`];
      const {summary, tags, response} = schema as {summary?: string; tags?: string[]; response?: object};
      const isPage = url.endsWith("*");
      const takesBody = ["POST", "PUT", "PATCH"].includes(method) && url !== "/api/captures";
      const parameters = [...url.matchAll(/:(\w+)/g)].map(([, name]) => name);
      return [
        ...(summary && tags?.length && response ? [] : ["no summary, tags or response"]),
        ...(part(route, "querystring")?.additionalProperties === isPage ? [] : ["query fields are not listed"]),
        ...(takesBody && part(route, "body")?.additionalProperties !== false
          ? ["the body's fields are not listed"]
          : []),
        ...parameters
          .filter((name) => !part(route, "params")?.properties?.[name])
          .map((name) => `no schema of :${name}`)
      ].map((lack) => `${method} ${url}: ${lack}`);
    });
    expect(lacking).toEqual([]);
    expect(app.routes.length).toBeGreaterThan(35);
  });

  it("refuses a field that it does not know, and names it", async () => {
    for (const {method, url} of app.routes.filter(({url}) => !url.endsWith("*") && url !== "/login")) {
      const path = `${url.replace(":id", /notices|incidents|traffic-labels/.test(url) ? "0011223344556677" : "1")}?nosuch=1`;
      const response = await app.send(method, path, method === "POST" ? {} : undefined);
      if (method === "HEAD") expect([method, url, response.statusCode]).toEqual([method, url, 400]);
      else if (url === "/api/packets" || url === "/api/packets.pcapng")
        expect(response.json()).toMatchObject({field: "capture"});
      else if (response.json().field !== "nosuch")
        // The body is judged before the query.
        expect([method, url, response.json().error]).toEqual([method, url, expect.stringMatching(/^body\./)]);
    }
  });
});

describe("what is refused", () => {
  const refusals: [string, string, unknown, number, string, string | undefined][] = [
    [
      "POST",
      "/api/query",
      {},
      400,
      "body.sql: expected a text of 1 to 32768 characters (a statement that reads), found nothing",
      "sql"
    ],
    [
      "POST",
      "/api/query",
      {sql: 7},
      400,
      "body.sql: expected a text of 1 to 32768 characters (a statement that reads), found 7",
      "sql"
    ],
    [
      "POST",
      "/api/query",
      {sql: "SELECT 1", format: "xml"},
      400,
      'body.format: expected one of rows, csv, json, ndjson, parquet, arrow, found "xml"',
      "format"
    ],
    [
      "POST",
      "/api/query",
      {sql: "SELECT ?", parameters: [{}]},
      400,
      "body.parameters.0: expected a text or a number or true or false or nothing, found {}",
      "parameters.0"
    ],
    ["POST", "/api/query", [], 400, "body: expected an object, found []", "body"],
    ["POST", "/api/query", "{", 400, "body: expected JSON", undefined],
    ["POST", "/api/query", '{"sql":"SELECT 1","__proto__":{}}', 400, "body: expected JSON", undefined],
    [
      "POST",
      "/api/run",
      {force: "yes"},
      400,
      'body.force: expected true or false (all of them, whether stale or not), found "yes"',
      "force"
    ],
    [
      "GET",
      "/api/flows?format=xml",
      undefined,
      400,
      'query.format: expected one of csv, json, ndjson, parquet, arrow, found "xml"',
      "format"
    ],
    ["GET", "/api/flows?where=a&where=b", undefined, 400, "query.where: expected a text", "where"],
    [
      "GET",
      "/api/runs/..%2f..%2fetc",
      undefined,
      400,
      'params.id: expected a text (the number of a run), found "../../etc"',
      "id"
    ],
    [
      "GET",
      "/api/packets?capture=x&flow=1",
      undefined,
      400,
      "query.capture: expected a text (the SHA-256 of a capture, 64 hexadecimal digits)",
      "capture"
    ],
    [
      "GET",
      "/api/packets?flow=1",
      undefined,
      400,
      "query.capture: expected a text (the SHA-256 of a capture, 64 hexadecimal digits), found nothing",
      "capture"
    ],
    ["POST", "/api/nosuch", {}, 404, "there is no POST /api/nosuch", undefined]
  ];
  for (const [method, url, payload, status, error, field] of refusals)
    it(`${method} ${url} ${JSON.stringify(payload) ?? ""}`, async () => {
      const response = await app.send(method, url, payload as object);
      expect([response.statusCode, response.json().error, response.json().field]).toEqual([
        status,
        expect.stringContaining(error),
        field
      ]);
    });

  it("is a body of another type, or too large", async () => {
    const post = (headers: Record<string, string>, body: string) => app.send("POST", "/api/query", body, headers);
    expect((await post({"content-type": "text/plain"}, '{"sql":"SELECT 1"}')).json()).toEqual({
      error: "body: expected the content type application/json"
    });
    const large = await post({}, JSON.stringify({sql: "x".repeat(70_000)}));
    expect([large.statusCode, large.json()]).toEqual([413, {error: "body: expected 65,536 bytes at most"}]);
  });
});

it("the description of all routes comes from their schemas", async () => {
  const {openapi, paths} = (await app.send("GET", "/api/openapi.json")).json();
  expect(openapi).toBe("3.1.0");
  const described = new Set(
    Object.entries(paths as Record<string, object>).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`)
    )
  );
  const expected = app.routes
    .filter(({method}) => method !== "HEAD")
    .map(({method, url}) => `${method} ${url.replace(/:(\w+)/g, "{$1}").replace("*", "{*}")}`);
  expect(expected.filter((route) => !described.has(route))).toEqual([]);
  expect(paths["/api/query"].post.requestBody.content["application/json"].schema.required).toEqual(["sql"]);
  expect(paths["/api/runs/{id}"].get.parameters[0]).toMatchObject({name: "id", in: "path", required: true});
});
