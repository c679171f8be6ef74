import {expect, it} from "vitest";
import {Redaction, strictPolicy} from "../../../loaders/export/redaction.ts";
import {tables} from "../../../schema/tables.ts";
import {judgedKind, kindOf} from "../../../schema/text-kinds.ts";

const key = Uint8Array.from({length: 32}, (_, k) => k);

it("names, users, payloads and addresses are found within sentences, too", () => {
  const redaction = new Redaction(strictPolicy, key);
  const name = redaction.redact("name", "files.example.org");
  const user = redaction.redact("user", "alice");
  redaction.redact("payload", "/cgi-bin/run?x=1");
  redaction.redact("off", "unknown thing");
  const address = redaction.redact("address", "192.0.2.7")!;
  expect(name).toMatch(/^n-[0-9a-f]{10}\.invalid$/);
  expect(
    redaction.redact(
      "text",
      `192.0.2.7:443 asked files.example.org as alice for "/cgi-bin/run?x=1", 'unknown thing' and 80.`
    )
  ).toBe(`${address}:443 asked ${name} as ${user} for "(removed)", '(removed)' and 80.`);
});

it("hosts of URLs are replaced where payloads are kept, those that nothing else names, too", () => {
  const redaction = new Redaction({...strictPolicy, payload: "keep"}, key);
  const name = redaction.redact("name", "login.example.org");
  const address = redaction.redact("address", "192.0.2.7");
  const kept = (text: string) => redaction.redact(kindOf("http", "location"), text);
  expect(kept("https://Login.example.org/in?to=%2F1")).toBe(`https://${name}/in?to=%2F1`);
  expect(kept("http://192.0.2.7:8080/x")).toBe(`http://${address}:8080/x`);
  expect(kept("http://unheard.example:81/")).toMatch(/^http:\/\/n-[0-9a-f]{10}\.invalid:81\/$/);
  expect(kept("/in?to=1")).toBe("/in?to=1");
  const named = new Redaction({...strictPolicy, payload: "keep", names: "keep", addresses: "keep"}, key);
  for (const url of ["https://login.example.org/in", "http://192.0.2.7/x"])
    expect(named.redact("payload", url)).toBe(url);
});

it("http.location is redacted as the target of a request is", () => {
  expect(kindOf("http", "location")).toBe(kindOf("http", "uri"));
  expect(new Redaction(strictPolicy, key).redact(kindOf("http", "location"), "https://login.example.org/")).toBe(null);
});

it("times and ids in findings move with the others; the same text is always the same", () => {
  const redaction = new Redaction(strictPolicy, key);
  const text = JSON.stringify([{id: "0011223344556677", ts_start: 1e15, value: 3, summary: "10.0.0.1 did it."}]);
  const [found] = JSON.parse(redaction.redact("findings", text)!);
  expect(found).toMatchObject({ts_start: 1e15 + redaction.shiftUs, value: 3});
  expect(found.id).not.toBe("0011223344556677");
  expect(found.summary).toBe(`${redaction.redact("address", "10.0.0.1")} did it.`);
  expect(Math.abs(redaction.shiftUs % (7 * 86_400_000_000))).toBe(0);
  expect(new Redaction(strictPolicy, key).redact("findings", text)).toBe(redaction.redact("findings", text));
});

it("a domain of the policy stays, a name below it does not; another key gives other names", () => {
  const redaction = new Redaction({...strictPolicy, suffixes: ["example.org"]}, key);
  expect(redaction.redact("name", "www.example.org")).toMatch(/^n-[0-9a-f]{10}\.example\.org$/);
  const other = new Redaction(
    strictPolicy,
    Uint8Array.from(key, (byte) => 255 - byte)
  );
  expect(other.redact("name", "a.example")).not.toBe(redaction.redact("name", "a.example"));
});

it("a column that nobody has judged does not leave", () => {
  expect(kindOf("dns", "query")).toBe("name");
  expect(kindOf("kerberos", "service")).toBe("name");
  expect(kindOf("flows", "service")).toBe("keep");
  expect(kindOf("tables_to_come", "secret_of_someone")).toBe("off");
});

it("somebody has judged every column of text", () => {
  const texts = tables.flatMap(({name, columns}) =>
    columns.filter(({type}) => type === "VARCHAR").map((column) => [name, column.name] as const)
  );
  expect(texts.filter(([table, column]) => judgedKind(table, column) === undefined)).toEqual([]);
});

it("addresses of no host in particular are not searched for: programs name them, too", () => {
  const redaction = new Redaction(strictPolicy, key);
  for (const address of ["0.0.0.0", "255.255.255.255", "::", "192.0.2.7"]) redaction.redact("address", address);
  expect([...redaction.originals.keys()]).toEqual(["192.0.2.7"]);
});
