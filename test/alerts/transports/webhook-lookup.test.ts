import {afterAll, beforeAll, beforeEach, expect, it, vi} from "vitest";
import {webhook} from "../../../alerts/transports/webhook.ts";
import {incident, message} from "../incidents.ts";
import {noSecrets} from "../no-secrets.ts";
import {type Post, type Receiver, webServer} from "../receivers.ts";

const addresses = vi.hoisted(() => ({now: [] as {address: string; family: number}[]}));
vi.mock("node:dns", async (original) => ({
  ...(await original<typeof import("node:dns")>()),
  lookup: (_name: string, _options: object, done: (error: null, found: typeof addresses.now) => void) =>
    done(null, addresses.now)
}));

let server: Receiver<Post>;
beforeAll(async () => {
  server = await webServer(() => [200]);
});
beforeEach(() => server.got.splice(0));
afterAll(() => server.close());

const send = (host = "hooks.example") => {
  const url = `http://${host}:${server.port}/`;
  return webhook.open({url, urlFile: null, tokenFile: null, caFile: null}, noSecrets, 3000).send(message([incident()]));
};

it("a name leads to the address that was judged", async () => {
  addresses.now = [{address: "127.0.0.1", family: 4}];
  await send();
  expect(server.got.map(({headers}) => headers.host)).toEqual([`hooks.example:${server.port}`]);
});

it("a name that leads to a forbidden address among others leads nowhere", async () => {
  for (const address of [
    "169.254.169.254",
    "::ffff:169.254.169.254",
    "fe80::1",
    "0.0.0.0",
    "100.64.0.1",
    "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::1"
  ]) {
    addresses.now = [
      {address: "127.0.0.1", family: 4},
      {address, family: address.includes(":") ? 6 : 4}
    ];
    await expect(send()).rejects.toThrow(`${address} is no receiver`);
  }
  expect(server.got).toEqual([]);
});

it("an address or name of a metadata service is refused before anything is looked up", async () => {
  addresses.now = [{address: "127.0.0.1", family: 4}];
  for (const host of ["metadata.google.internal", "[::a9fe:a9fe]", "0xa9fea9fe", "[64:ff9b:1::1]", "[fd00:ec2::254]"])
    await expect(send(host)).rejects.toThrow("is no receiver");
  expect(server.got).toEqual([]);
});
