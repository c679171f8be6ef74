import {lookup as systemLookup} from "node:dns";
import {request as httpRequest} from "node:http";
import {request as httpsRequest} from "node:https";
import {isIP, type LookupFunction} from "node:net";
import {deliveryError, trusted} from "./failure.ts";
import {jsonOf} from "./message.ts";
import {isForbidden, isMetadataName} from "./receiver-address.ts";
import {readSecret, type Secrets} from "./secrets.ts";
import {isLoopback, type WebhookSettings, webhookUrl} from "./settings.ts";
import type {Transport} from "./transport.ts";

/**
 * A POST of JSON to one fixed address. Redirects are not followed, no proxy is asked, and of the answer only the status
 * is read. A token travels as `Authorization: Bearer`, to other machines by TLS only.
 */
export function webhookTransport(settings: WebhookSettings, secrets: Secrets, timeoutMs: number): Transport {
  const shown = settings.url ?? secrets.webhookUrl;
  const where = shown === null ? "the address in a file" : originOf(shown);
  const addressOf = () => {
    const text = secrets.webhookUrl ?? settings.url ?? (settings.urlFile && readSecret(settings.urlFile));
    if (!text) throw new Error("there is no address: set url, url_file or FLOWBOOK_WEBHOOK_URL");
    return webhookUrl(text);
  };
  return {
    name: "webhook",
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
