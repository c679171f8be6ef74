import {writeFileSync} from "node:fs";
import {join} from "node:path";
import {describe, expect, it} from "vitest";
import {subjectOf, textOf} from "../../../alerts/message.ts";
import type {Secrets} from "../../../alerts/secrets.ts";
import {noAlerts} from "../../../alerts/settings.ts";
import {transportsOf} from "../../../alerts/transports/index.ts";
import type {WebhookSettings} from "../../../alerts/transports/webhook.ts";
import {itUnless} from "../../needs.ts";
import {noSecrets} from "../no-secrets.ts";
import {webServer} from "../receivers.ts";
import {certificates, failure, folder, told, withoutTls} from "./sending.ts";

describe("a webhook", () => {
  const transport = (fields: Partial<WebhookSettings>, secrets: Partial<Secrets> = {}, timeoutMs = 20_000) =>
    transportsOf(
      {...noAlerts, webhook: {url: null, urlFile: null, tokenFile: null, caFile: null, ...fields}},
      {...noSecrets, ...secrets},
      timeoutMs
    )[0];

  it("gets the message as JSON with its token", async () => {
    const server = await webServer(() => [204]);
    const sender = transport({url: `http://127.0.0.1:${server.port}/hook/abc?x=1`}, {webhookToken: "t0ken"});
    await sender.send(told);
    await server.close();
    const [{path, headers, body}] = server.got;
    expect([path, headers["content-type"], headers.authorization, headers["content-length"]]).toEqual([
      "/hook/abc?x=1",
      "application/json; charset=utf-8",
      "Bearer t0ken",
      String(Buffer.byteLength(body))
    ]);
    const {text, incidents} = JSON.parse(body);
    expect(text).toBe(`${subjectOf(told)}\n\n${textOf(told)}`);
    expect(incidents.map(({incident_id}: {incident_id: string}) => incident_id)).toEqual([
      "00112233445566aa",
      "00112233445566bb"
    ]);
    expect(sender.destination).toBe(`http://127.0.0.1:${server.port}`);
  });

  it("is not followed anywhere else, and its answer is not repeated", async () => {
    const other = await webServer(() => [200]);
    const server = await webServer(() => [307, {location: `http://127.0.0.1:${other.port}/`}]);
    const said = await failure(transport({url: `http://127.0.0.1:${server.port}/s3cret`}).send(told));
    expect(said).toBe(`http://127.0.0.1:${server.port}: it answered 307: redirects are not followed`);
    expect([server.got.length, other.got.length]).toEqual([1, 0]);
    const wrong = await webServer(() => [500]);
    expect(await failure(transport({url: `http://127.0.0.1:${wrong.port}/`}).send(told))).toBe(
      `http://127.0.0.1:${wrong.port}: it answered 500`
    );
    await Promise.all([server.close(), other.close(), wrong.close()]);
  });

  it("that does not answer is left after the time limit", async () => {
    const server = await webServer(() => null);
    const said = await failure(transport({url: `http://127.0.0.1:${server.port}/`}, {}, 300).send(told));
    await server.close();
    expect(said).toBe(`http://127.0.0.1:${server.port}: no answer in time (after 0.3 s)`);
  });

  it("may be an address that only the environment or a file knows", async () => {
    const server = await webServer(() => [200]);
    const url = `http://127.0.0.1:${server.port}/T000/B000/XXXX`;
    await transport({}, {webhookUrl: url}).send(told);
    const file = join(folder, "url");
    writeFileSync(file, `${url}\n`, {mode: 0o600});
    await transport({urlFile: file}).send(told);
    await server.close();
    expect(server.got.map(({path}) => path)).toEqual(["/T000/B000/XXXX", "/T000/B000/XXXX"]);
    expect(transport({}, {webhookUrl: url}).destination).not.toContain("XXXX");
    const said = await failure(transport({}, {webhookUrl: url}).send(told));
    expect(said).toContain("the connection was refused");
    expect(said).not.toContain("XXXX");
  });

  itUnless(withoutTls)("is spoken to by TLS that the CA vouches for, and by no other", async () => {
    const server = await webServer(() => [200], certificates);
    const url = `https://localhost:${server.port}/`;
    await transport({url, caFile: certificates.caFile}, {webhookToken: "t0ken"}).send(told);
    expect(await failure(transport({url}, {webhookToken: "t0ken"}).send(told))).toMatch(
      /its certificate is not trusted/
    );
    await server.close();
    expect(server.got.map(({headers}) => headers.authorization)).toEqual(["Bearer t0ken"]);
  });

  it("gets no token in the clear, unless it is on this machine", async () => {
    const said = await failure(transport({url: "http://192.0.2.1/"}, {webhookToken: "t0ken"}).send(told));
    expect(said).toBe("http://192.0.2.1: a token is sent by https:// only");
  });

  it("is not where clouds keep credentials, nor many hosts, however the address is written", async () => {
    for (const url of [
      "http://169.254.169.254/latest",
      "http://[::ffff:a9fe:a9fe]/",
      "http://2852039166/",
      "http://0/"
    ])
      expect([url, await failure(transport({url}).send(told))]).toEqual([
        url,
        expect.stringContaining("is no receiver: metadata services of clouds, link-local,")
      ]);
  });
});
