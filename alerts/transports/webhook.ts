import {lookup as systemLookup} from "node:dns";
import {request as httpRequest} from "node:http";
import {request as httpsRequest} from "node:https";
import {isIP, type LookupFunction} from "node:net";
import {jsonOf} from "../message.ts";
import {readSecret} from "../secret-text.ts";
import {type Section, SettingError} from "../section.ts";
import {deliveryError, trusted} from "./failure.ts";
import {isLoopback} from "./receiver.ts";
import {isForbidden, isMetadataName} from "./receiver-address.ts";
import type {OpenTransport, PathOf, TransportKind} from "./transport.ts";

export interface WebhookSettings {
  /** Null where only the environment or a file has it. */
  readonly url: string | null;
  readonly urlFile: string | null;
  readonly tokenFile: string | null;
  readonly caFile: string | null;
}

type WebhookSecret = "webhookToken" | "webhookUrl";

/**
 * A POST of JSON to one fixed address. Redirects are not followed, no proxy is asked, and of the answer only the status
 * is read. A token travels as `Authorization: Bearer`, to other machines by TLS only.
 */
export const webhook: TransportKind<WebhookSettings, WebhookSecret> = {
  title: "Webhook",
  // The address is a secret where its path lets anyone post.
  secrets: {webhookToken: "FLOWBOOK_WEBHOOK_TOKEN", webhookUrl: "FLOWBOOK_WEBHOOK_URL"},
  read,
  open
};

function read(section: Section, path: PathOf): WebhookSettings {
  section.refuse("token", "a token in this file is no secret: set FLOWBOOK_WEBHOOK_TOKEN, or name a token_file");
  const url = section.text("url", null);
  if (url !== null) webhookUrl(url);
  const [urlFile, tokenFile] = [path(section, "url_file"), path(section, "token_file")];
  return {url, urlFile, tokenFile, caFile: path(section, "ca_file")};
}

/** Checks the address of a webhook. Throws in words that do not repeat it, since its path may be a secret. */
function webhookUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol))
    throw new SettingError("alerts.webhook: the address is not http:// or https://");
  if (url.username || url.password)
    throw new SettingError("alerts.webhook: a password in the address would be sent in the clear: use a token");
  return url;
}

function open(
  settings: WebhookSettings,
  secrets: Readonly<Record<WebhookSecret, string | null>>,
  timeoutMs: number
): OpenTransport {
  const shown = settings.url ?? secrets.webhookUrl;
  const where = shown === null ? "the address in a file" : originOf(shown);
  const addressOf = () => {
    const text = secrets.webhookUrl ?? settings.url ?? (settings.urlFile && readSecret(settings.urlFile));
    if (!text) throw new Error("there is no address: set url, url_file or FLOWBOOK_WEBHOOK_URL");
    return webhookUrl(text);
  };
  return {
    // The path of such an address is often the only secret it has.
    destination: where,
    protection:
      shown === null
        ? "as the address says"
        : shown.startsWith("https:")
          ? "TLS, certificate verified"
          : "not encrypted",
    async send(message) {
      let [address, token]: (string | null)[] = [null, null];
      try {
        const url = addressOf();
        address = url.href;
        token = secrets.webhookToken ?? (settings.tokenFile === null ? null : readSecret(settings.tokenFile));
        if (token !== null && url.protocol === "http:" && !isLoopback(url.hostname))
          throw new Error("a token is sent by https:// only");
        const status = await post(url, JSON.stringify(jsonOf(message)), token, trusted(settings.caFile), timeoutMs);
        if (status >= 300 && status < 400) throw new Error(`it answered ${status}: redirects are not followed`);
        if (status < 200 || status >= 300) throw new Error(`it answered ${status}`);
      } catch (error) {
        const path = address && new URL(address).pathname.length > 1 ? new URL(address).pathname : null;
        throw deliveryError(where, error, [token, address, path]);
      }
    }
  };
}

const originOf = (url: string) => (URL.canParse(url) ? new URL(url).origin : "an address that is none");

function post(
  url: URL,
  body: string,
  token: string | null,
  ca: Buffer | undefined,
  timeoutMs: number
): Promise<number> {
  return new Promise((resolve, reject) => {
    const host = url.hostname.replace(/^\[|\]$/g, "");
    if (isIP(host) === 0 ? isMetadataName(host) : isForbidden(host)) return reject(forbidden(host));
    const send = url.protocol === "https:" ? httpsRequest : httpRequest;
    const request = send(url, {
      method: "POST",
      agent: false,
      ca,
      minVersion: "TLSv1.2",
      lookup: lookupAllowed,
      headers: {
        "content-type": "application/json; charset=utf-8",
        "content-length": Buffer.byteLength(body),
        "user-agent": "flowbook",
        ...(token === null ? {} : {authorization: `Bearer ${token}`})
      }
    });
    const timer = setTimeout(
      () => request.destroy(Object.assign(new Error(`after ${timeoutMs / 1000} s`), {code: "ETIMEDOUT"})),
      timeoutMs
    );
    request.on("response", (response) => {
      clearTimeout(timer);
      resolve(response.statusCode ?? 0);
      response.destroy();
    });
    request.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    request.end(body);
  });
}

/** Looks a name up, and refuses it where any of its addresses is forbidden: the connection goes to what was judged. */
const lookupAllowed: LookupFunction = (hostname, options, callback) => {
  systemLookup(hostname, {...options, all: true}, (error, addresses) => {
    if (error) return callback(error, "", 0);
    const bad = addresses.find(({address}) => isForbidden(address));
    if (bad) return callback(forbidden(bad.address), "", 0);
    if (options.all) return callback(null, addresses);
    callback(null, addresses[0].address, addresses[0].family);
  });
};

const forbidden = (where: string) =>
  new Error(
    `${where} is no receiver: metadata services of clouds, link-local, multicast, carriers' and unspecified addresses are refused`
  );
