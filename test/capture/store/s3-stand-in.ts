import {createHash, createHmac, timingSafeEqual} from "node:crypto";
import {createServer, type IncomingMessage, type ServerResponse} from "node:http";
import type {AddressInfo} from "node:net";

/**
 * A small store on this machine that speaks as much S3 as the project does: PUT, GET, DELETE and ListObjectsV2 of one bucket. It
 * computes Signature Version 4 by itself and refuses what does not fit, the content's hash included.
 */
export interface S3StandIn {
  readonly endpoint: string;
  readonly objects: Map<string, Buffer>;
  /** Keys in the order of their PUTs. */
  readonly puts: string[];
  /** Asked before each request: what it answers instead, or null; 0 breaks the connection off. */
  refuse: (method: string, key: string) => number | null;
  /** When an object was written, for lists. */
  writtenMs: (key: string) => number;
  close(): Promise<void>;
}

export const keys = {accessKeyId: "AKIATEST", secretAccessKey: "a/secret+of=tests"};
const pageSize = 3;

export async function s3StandIn(bucket = "lake"): Promise<S3StandIn> {
  const objects = new Map<string, Buffer>();
  const puts: string[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const body = Buffer.concat(await request.toArray());
    const url = new URL(request.url!, "http://store");
    const [, ofBucket, ...rest] = url.pathname.split("/").map(decodeURIComponent);
    const key = rest.join("/");
    const refused = stand.refuse(request.method!, key);
    if (refused === 0) return void request.socket.destroy();
    const fail = (status: number, code: string) =>
      response.writeHead(status).end(`<Error><Code>${code}</Code></Error>`);
    if (refused !== null) return fail(refused, "SlowDown");
    if (!isSigned(request, url, body)) return fail(403, "SignatureDoesNotMatch");
    if (ofBucket !== bucket) return fail(404, "NoSuchBucket");
    if (request.method === "PUT") {
      objects.set(key, body);
      puts.push(key);
      return response.writeHead(200, {etag: tagOf(body)}).end();
    }
    if (request.method === "DELETE") {
      objects.delete(key);
      return response.writeHead(204).end();
    }
    if (key !== "") {
      const content = objects.get(key);
      return content ? response.writeHead(200).end(content) : fail(404, "NoSuchKey");
    }
    return response.writeHead(200, {"content-type": "application/xml"}).end(listXml(stand, url.searchParams));
  };
  const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const stand: S3StandIn = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    objects,
    puts,
    refuse: () => null,
    writtenMs: () => 1_790_000_000_000,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  };
  return stand;
}

const tagOf = (content: Buffer) => `"${createHash("md5").update(content).digest("hex")}"`;
const sha256 = (content: string | Buffer) => createHash("sha256").update(content).digest("hex");
const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();

/** Signature Version 4 as the vendor's manual has it, from the request as it arrived. */
function isSigned({method, headers, url: raw}: IncomingMessage, url: URL, body: Buffer): boolean {
  const told =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
      headers.authorization ?? ""
    );
  if (!told || told[1] !== keys.accessKeyId || headers["x-amz-content-sha256"] !== sha256(body)) return false;
  const [, , day, region, names, signature] = told;
  const escaped = (text: string) =>
    encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  const query = [...url.searchParams]
    .map(([name, value]) => `${escaped(name)}=${escaped(value)}`)
    .sort()
    .join("&");
  const signed = names
    .split(";")
    .map((name) => `${name}:${String(headers[name]).trim()}\n`)
    .join("");
  const canonical = [method, raw!.split("?")[0], query, signed, names, headers["x-amz-content-sha256"]].join("\n");
  const scope = `${day}/${region}/s3/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, sha256(canonical)].join("\n");
  const key = [day, region, "s3", "aws4_request"].reduce<string | Buffer>(hmac, `AWS4${keys.secretAccessKey}`);
  return timingSafeEqual(hmac(key, text), Buffer.from(signature, "hex"));
}

function listXml(stand: S3StandIn, query: URLSearchParams): string {
  const {objects} = stand;
  const prefix = query.get("prefix") ?? "";
  const after = query.get("continuation-token") ?? "";
  const found = [...objects.keys()].filter((key) => key.startsWith(prefix)).sort();
  if (query.get("delimiter") === "/") {
    const folders = new Set(found.flatMap((key) => /^[^/]*\//.exec(key.slice(prefix.length))?.[0] ?? []));
    const named = [...folders].map(
      (name) => `<CommonPrefixes><Prefix>${encodeURIComponent(prefix + name)}</Prefix></CommonPrefixes>`
    );
    return `<ListBucketResult><IsTruncated>false</IsTruncated><Prefix>x</Prefix>${named.join("")}</ListBucketResult>`;
  }
  const rest = found.filter((key) => key > after);
  const page = rest.slice(0, pageSize);
  const entries = page.map((key) => {
    const content = objects.get(key)!;
    return `<Contents><Key>${encodeURIComponent(key)}</Key><LastModified>${new Date(stand.writtenMs(key)).toISOString()}</LastModified><Size>${content.length}</Size><ETag>${tagOf(content).replaceAll('"', "&quot;")}</ETag></Contents>`;
  });
  const isMore = rest.length > page.length;
  return `<ListBucketResult><IsTruncated>${isMore}</IsTruncated>${isMore ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : ""}${entries.join("")}</ListBucketResult>`;
}
