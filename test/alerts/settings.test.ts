import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {parse} from "smol-toml";
import {afterAll, beforeAll, describe, expect, it} from "vitest";
import {withoutSecrets} from "../../alerts/secret-text.ts";
import {takeSecrets} from "../../alerts/secrets.ts";
import {noAlerts, readAlertSettings} from "../../alerts/settings.ts";
import {readConfiguration} from "../../cli/configuration.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "flowbook-settings-"));
});
afterAll(() => rmSync(folder, {recursive: true, force: true}));

const smtp = {host: "mail.example.org", from: "flowbook@example.org", to: ["ops@example.org"]};
const refusal = (content: unknown) => {
  try {
    readAlertSettings(content, "/etc/flowbook");
    return "accepted";
  } catch (error) {
    return (error as Error).message;
  }
};

describe("settings of alerts", () => {
  it("have the ports and protection of their protocol where nothing is said", () => {
    expect(readAlertSettings({}, "/")).toEqual(noAlerts);
    const {
      smtp: mail,
      webhook,
      syslog
    } = readAlertSettings(
      {
        smtp: {...smtp, user: "alerts", password_file: "mail.secret"},
        webhook: {url: "https://hooks.example.org/T0/B0"},
        syslog: {host: "127.0.0.1", transport: "tls"}
      },
      "/etc/flowbook"
    );
    expect([mail?.port, mail?.encryption, mail?.passwordFile]).toEqual([465, "tls", "/etc/flowbook/mail.secret"]);
    expect([webhook?.url, syslog?.port, syslog?.facility]).toEqual(["https://hooks.example.org/T0/B0", 6514, 16]);
    expect(readAlertSettings({smtp: {...smtp, encryption: "starttls"}}, "/").smtp?.port).toBe(587);
    expect(readAlertSettings({link: "https://flowbook.example.org/"}, "/").link).toBe("https://flowbook.example.org");
  });

  it("are refused with what was expected and found", () => {
    expect(refusal({severity: "grave"})).toBe('alerts.severity: expected info, low, medium, high, found "grave"');
    expect(refusal({interval_s: -1})).toBe("alerts.interval_s: expected a number from 0 to 86400, found -1");
    expect(refusal({anomaly_percent: 0})).toBe("alerts.anomaly_percent: expected a number from 0.1 to 100, found 0");
    expect(refusal({mute: ["port_scam"]})).toBe("alerts.mute: no port_scam");
    expect(refusal({smtp: {...smtp, to: []}})).toBe("alerts.smtp.to: expected 1 to 50 addresses, found 0");
    expect(refusal({smtp: {...smtp, host: "a b"}})).toBe(
      'alerts.smtp.host: expected a host name or an address, found "a b"'
    );
    expect(refusal({smtp: {...smtp, prot: 25}})).toBe("no setting alerts.smtp.prot");
    expect(refusal({link: "javascript:alert(1)"})).toContain("alerts.link: expected an address such as https://");
    expect(refusal([])).toBe("alerts: expected a table, found []");
  });

  it("hold no secrets, and send none in the clear", () => {
    expect(refusal({smtp: {...smtp, password: "sesame"}})).toBe(
      "alerts.smtp.password: a password in this file is no secret: set FLOWBOOK_SMTP_PASSWORD, or name a password_file"
    );
    expect(refusal({webhook: {url: "https://x.example", token: "t"}})).toContain(
      "alerts.webhook.token: a token in this file"
    );
    expect(refusal({smtp: {...smtp, encryption: "none"}})).toContain("none is for a mail server on this machine");
    expect(refusal({smtp: {...smtp, host: "127.0.0.1", encryption: "none"}})).toBe("accepted");
    const leaked = refusal({webhook: {url: "https://user:sesame@x.example/"}});
    expect([leaked.includes("sesame"), leaked]).toEqual([false, expect.stringContaining("use a token")]);
    expect(refusal({webhook: {url: "file:///etc/passwd"}})).toContain("not http:// or https://");
  });

  it("take addresses that cannot be more than one, nor end a line", () => {
    for (const address of [
      "a@b.example,c@d.example",
      "a@b.example\r\nBcc: c@d.example",
      "A <a@b.example>",
      "a b@c.example",
      "a"
    ])
      expect([address, refusal({smtp: {...smtp, to: [address]}})]).toEqual([
        address,
        expect.stringContaining("alerts.smtp.to: expected addresses")
      ]);
  });

  it("are a table of flowbook.toml, with the nearest name where one is wrong", () => {
    const home = join(folder, "home");
    const put = (text: string) => {
      const path = join(home, "flowbook/flowbook.toml");
      rmSync(home, {recursive: true, force: true});
      mkdirSync(join(home, "flowbook"), {recursive: true});
      writeFileSync(path, text);
      return path;
    };
    const read = () => readConfiguration({}, {XDG_CONFIG_HOME: home});
    put('[alerts]\nseverity = "high"\n[alerts.webhook]\nurl_file = "hook.url"\n');
    expect(read().alerts).toMatchObject({severity: "high", webhook: {urlFile: join(home, "flowbook/hook.url")}});
    const path = put('[alerts]\nsevertiy = "high"\n');
    expect(read).toThrow(`${path}: no setting alerts.severtiy — did you mean severity?`);
    put('[alert]\nseverity = "high"\n');
    expect(read).toThrow("no setting alert — did you mean alerts?");
  });
});

it("the example of docs/alerts.md is taken as it stands", () => {
  const text = readFileSync(join(import.meta.dirname, "../../docs/alerts.md"), "utf8");
  const [, example] = /```toml\n([\s\S]*?)```/.exec(text) ?? [];
  const {alerts} = parse(example) as {alerts: unknown};
  expect(readAlertSettings(alerts, "/etc/flowbook")).toMatchObject({
    severity: "medium",
    anomalyPercent: 20,
    intervalS: noAlerts.intervalS,
    quietS: noAlerts.quietS,
    smtp: {port: 587, encryption: "starttls", passwordFile: "/etc/flowbook/smtp.secret"},
    webhook: {url: "https://hooks.example.org/flowbook", tokenFile: "/etc/flowbook/webhook.secret"},
    syslog: {port: 514, transport: "udp", facility: 16}
  });
});

describe("secrets", () => {
  it("leave the environment, so that nothing that is started later inherits them", () => {
    const env: NodeJS.ProcessEnv = {FLOWBOOK_SMTP_PASSWORD: "a", FLOWBOOK_WEBHOOK_TOKEN: "b", FLOWBOOK_LAKE: "lake"};
    expect(takeSecrets(env)).toEqual({smtpPassword: "a", webhookToken: "b", webhookUrl: null});
    expect(env).toEqual({FLOWBOOK_LAKE: "lake"});
  });

  it("are taken out of a text in every form a protocol gives them", () => {
    const basic = Buffer.from("open sesame").toString("base64");
    expect(withoutSecrets(`a open sesame b ${basic} c open%20sesame`, ["open sesame", null, ""])).toBe("a … b … c …");
  });
});
