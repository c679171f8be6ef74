import {type AddressInfo, connect, type Socket} from "node:net";
import {setTimeout as sleep} from "node:timers/promises";
import {promisify} from "node:util";
import {expect, it} from "vitest";
import {createHttp} from "../../server/http.ts";
import {Jobs} from "../../server/jobs.ts";
import {type AppUnderTest, appUnderTest} from "./app-under-test.ts";

const origin = "http://127.0.0.1:3000";

/** Renewals that end so long after they were asked to. */
function slowJobs(ms: number): Jobs {
  const done = async () => ({error: null, summary: null});
  const renew = () => sleep(ms, {error: null, summary: null});
  return new Jobs(
    "/nonexistent",
    {importFile: done, importAgain: done, forget: done, renew, states: async () => []},
    Date.now
  );
}

/** Asks for a page's socket, and keeps its own end open whatever the server says; resolves with the status. */
function openSocket(app: AppUnderTest, path = "/_observablehq"): Promise<{status: string; socket: Socket}> {
  const {port} = app.server.server.address() as AddressInfo;
  const socket = connect({port, host: "127.0.0.1", allowHalfOpen: true});
  socket.on("error", () => {});
  return new Promise((resolve) => {
    socket.once("data", (data) => resolve({status: String(data).split(" ")[1], socket}));
    socket.write(
      [
        `GET ${path} HTTP/1.1`,
        `Host: ${new URL(origin).host}`,
        `Origin: ${origin}`,
        `Cookie: flowbook=${app.session}`,
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
      ].join("\r\n")
    );
  });
}

it("a page that opens its socket again while the server ends its work does not keep it from closing", async () => {
  const app = await appUnderTest({jobs: slowJobs(300)});
  await app.server.listen({host: "127.0.0.1", port: 0});
  const first = await openSocket(app);
  expect(first.status).toBe("101");
  app.jobs.renew(false);
  const gone = new Promise((resolve) => first.socket.resume().once("end", resolve));
  const closed = app.close();
  await gone;
  const again = await openSocket(app);
  expect(again.status).toBe("503");
  await closed;
});

it("who was refused a socket and does not leave is let go, and does not keep the server from closing", async () => {
  const app = await appUnderTest();
  await app.server.listen({host: "127.0.0.1", port: 0});
  const early = await openSocket(app, "/elsewhere");
  expect(early.status).toBe("404");
  const connections = promisify(app.server.server.getConnections.bind(app.server.server));
  await expect.poll(connections).toBe(0);
  const late = await openSocket(app, "/elsewhere");
  expect(late.status).toBe("404");
  await app.close();
});

it("work that does not end does not keep the server from closing", async () => {
  const app = await appUnderTest({jobs: slowJobs(1e9), closeMs: 50});
  app.jobs.renew(false);
  await app.close();
});

it("a start or an end that takes longer than Fastify's ten seconds is no failure", () => {
  expect(createHttp().initialConfig.pluginTimeout).toBe(0);
});
