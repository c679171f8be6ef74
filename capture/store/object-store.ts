import {createHash} from "node:crypto";
import type {StoreCredentials} from "./credentials.ts";
import type {StorePlace} from "./place.ts";

export interface StoredObject {
  /** Below the place's prefix. */
  readonly key: string;
  readonly bytes: number;
  /** Changes when the content does. */
  readonly tag: string;
  /** When it was written, in ms since 1970 by the store's clock; NaN where it does not say. */
  readonly modifiedMs: number;
}

/** The few things that a lake needs of an object store. Keys lie below the place's prefix. */
export interface ObjectStore {
  /** Writes an object whole; one that is there is replaced. */
  put(key: string, content: Uint8Array): Promise<void>;
  get(key: string, mostBytes: number): Promise<Buffer>;
  /** Removes an object; one that is not there is no error. */
  remove(key: string): Promise<void>;
  /** All objects whose keys begin so, in their order. */
  list(start: string): Promise<StoredObject[]>;
  /** The names that follow `start` up to the next slash. */
  folders(start: string): Promise<string[]>;
}

/** What a store answered, or that it could not be reached. */
export class StoreError extends Error {
  /** HTTP status; null where there was no answer. */
  readonly status: number | null;
  constructor(message: string, status: number | null, options?: ErrorOptions) {
    super(message, options);
    this.name = "StoreError";
    this.status = status;
  }

  /** True where it may go well later: no answer, overload, or a failure of the store itself. */
  get isPassing(): boolean {
    return this.status === null || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

/** Longer than a part of the usual size takes over a slow line. */
const patienceMs = 120_000;
/** Answers that name objects; a page of 1,000 has half a megabyte. */
const mostListBytes = 16 << 20;

/**
 * A store that speaks S3, over requests signed by `aws4fetch` (Signature Version 4 over the content's SHA-256). Buckets are
 * named in the path, which every such store understands. Throws where that package is not installed.
 */
export async function openStore(place: StorePlace, credentials: StoreCredentials): Promise<ObjectStore> {
  const {AwsClient} = await signer();
  // Whoever calls decides what is tried again, and when.
  const client = new AwsClient({...credentials, service: "s3", region: place.region, retries: 0});
  const base = `${place.endpoint}/${place.bucket}`;
  const keyOf = (key: string) => (place.prefix === "" ? key : `${place.prefix}/${key}`);

  const request = async (method: "PUT" | "GET" | "DELETE", path: string, body?: Uint8Array): Promise<Response> => {
    const headers = {
      "X-Amz-Content-Sha256": createHash("sha256")
        .update(body ?? "")
        .digest("hex")
    };
    let response: Response;
    try {
      // An exact copy: a view into a larger buffer would be sent as a stream without a length.
      const content = body && new Uint8Array(body);
      const signed = await client.sign(`${base}${path}`, {method, headers, body: content});
      response = await fetch(signed, {redirect: "error", signal: AbortSignal.timeout(patienceMs)});
    } catch (error) {
      throw new StoreError(`${place.endpoint} cannot be reached: ${reasonOf(error)}`, null, {cause: error});
    }
    if (response.ok) return response;
    const told = /<Code>([A-Za-z]{1,60})<\/Code>/.exec((await response.text().catch(() => "")).slice(0, 4096))?.[1];
    throw new StoreError(
      `${place.endpoint} answered ${response.status}${told ? ` ${told}` : ""} to ${method} ${place.bucket}${path.split("?")[0]}`,
      response.status
    );
  };

  const page = async (start: string, isFolder: boolean, token: string | null) => {
    const query = new URLSearchParams({"list-type": "2", "encoding-type": "url", prefix: keyOf(start)});
    if (isFolder) query.set("delimiter", "/");
    if (token !== null) query.set("continuation-token", token);
    return (await bytesOf(await request("GET", `?${query}`), mostListBytes)).toString("utf8");
  };
  async function* pages(start: string, isFolder: boolean): AsyncGenerator<string> {
    for (let token: string | null = null; ; ) {
      const xml = await page(start, isFolder, token);
      yield xml;
      if (textIn(xml, "IsTruncated") !== "true") return;
      token = textIn(xml, "NextContinuationToken");
      if (token === null) throw new StoreError(`${place.endpoint}: a list that goes on does not say where`, 502);
    }
  }
  const below = (key: string) => key.slice(keyOf("").length);

  return {
    async put(key, content) {
      await (await request("PUT", `/${encodedKey(keyOf(key))}`, content)).arrayBuffer();
    },
    get: async (key, mostBytes) => bytesOf(await request("GET", `/${encodedKey(keyOf(key))}`), mostBytes),
    async remove(key) {
      try {
        await (await request("DELETE", `/${encodedKey(keyOf(key))}`)).arrayBuffer();
      } catch (error) {
        if (!(error instanceof StoreError && error.status === 404)) throw error;
      }
    },
    async list(start) {
      const found: StoredObject[] = [];
      for await (const xml of pages(start, false))
        for (const [, entry] of xml.matchAll(/<Contents>(.*?)<\/Contents>/gs))
          found.push({
            key: below(decodeURIComponent(textIn(entry, "Key") ?? "")),
            bytes: Number(textIn(entry, "Size")),
            tag: textIn(entry, "ETag") ?? "",
            modifiedMs: Date.parse(textIn(entry, "LastModified") ?? "")
          });
      return found;
    },
    async folders(start) {
      const found: string[] = [];
      for await (const xml of pages(start, true))
        for (const [, entry] of xml.matchAll(/<CommonPrefixes>(.*?)<\/CommonPrefixes>/gs))
          found.push(
            below(decodeURIComponent(textIn(entry, "Prefix") ?? ""))
              .slice(start.length)
              .replace(/\/$/, "")
          );
      return found;
    }
  };
}

async function signer(): Promise<typeof import("aws4fetch")> {
  try {
    return await import("aws4fetch");
  } catch (error) {
    throw new Error("an object store needs the optional package aws4fetch: npm install aws4fetch", {cause: error});
  }
}

/** Signature Version 4 wants all but unreserved characters escaped, slashes left as they are. */
function encodedKey(key: string): string {
  return key.split("/").map(encodeURIComponent).join("/");
}

async function bytesOf(response: Response, mostBytes: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const piece of (response.body ?? []) as unknown as AsyncIterable<Uint8Array>) {
      bytes += piece.byteLength;
      if (bytes > mostBytes) throw new RangeError(`more than ${mostBytes.toLocaleString("en")} bytes`);
      pieces.push(piece);
    }
  } catch (error) {
    if (error instanceof RangeError) throw new StoreError(`an answer has ${error.message}`, 413);
    throw new StoreError(`an answer broke off: ${reasonOf(error)}`, null, {cause: error});
  }
  return Buffer.concat(pieces, bytes);
}

function textIn(xml: string, name: string): string | null {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  if (text === undefined) return null;
  return text.replaceAll("&quot;", '"').replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

function reasonOf(error: unknown): string {
  const {message, cause} = error as Error;
  return cause instanceof Error ? cause.message || (cause as NodeJS.ErrnoException).code || message : message;
}
