import {createReadStream, statSync} from "node:fs";
import {createServer} from "node:http";
import type {AddressInfo} from "node:net";
import {extname, join, normalize} from "node:path";

const types: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".wasm": "application/wasm"
};

/**
 * Answers files of a folder and nothing else, as any file server does; below `prefix`, which it takes away as a proxy in front
 * of it would.
 */
export async function serveFiles(folder: string, prefix = ""): Promise<{readonly url: string; close(): Promise<void>}> {
  const server = createServer((request, response) => {
    const asked = decodeURIComponent(new URL(request.url!, "http://x").pathname);
    if (!asked.startsWith(`${prefix}/`)) return response.writeHead(404).end();
    const path = join(folder, normalize(asked.slice(prefix.length)));
    if (!statSync(path, {throwIfNoEntry: false})?.isFile()) return response.writeHead(404).end();
    response.writeHead(200, {"content-type": types[extname(path)] ?? "application/octet-stream"});
    createReadStream(path).pipe(response);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${prefix}`,
    close: () => new Promise((closed) => server.close(() => closed()))
  };
}
