import {createReadStream, readFileSync, statSync} from "node:fs";
import {createServer, type IncomingMessage, type RequestListener, type ServerResponse} from "node:http";
import {createServer as createTlsServer} from "node:https";
import {basename, join} from "node:path";
import {Random} from "../random.ts";

/** A small shop: pages, files, a search, a login, an interface, uploads. Its item page has a hole that injection finds. */
export function http(port: number, folder: string, tls: boolean): void {
  const random = new Random(port);
  const listener: RequestListener = (request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => {
      if (parts.length < 64) parts.push(part);
    });
    request.on("end", () => answer(request, response, Buffer.concat(parts).toString("latin1"), folder, random));
    request.on("error", () => response.destroy());
  };
  const server = tls
    ? createTlsServer(
        {cert: readFileSync(join(folder, "tls.crt")), key: readFileSync(join(folder, "tls.key"))},
        listener
      )
    : createServer(listener);
  server.keepAliveTimeout = 20_000;
  server.on("clientError", (_, socket) => socket.destroy());
  server.on("tlsClientError", (_, socket) => socket.destroy());
  server.listen(port, "::");
}

function answer(request: IncomingMessage, response: ServerResponse, body: string, folder: string, random: Random) {
  const url = new URL(request.url ?? "/", "http://lab");
  const path = url.pathname.replace(/^\/app(?=\/|$)/, "") || "/";
  const send = (status: number, content: string, type = "text/html", headers: Record<string, string> = {}): void => {
    response.writeHead(status, {"content-type": type, ...headers});
    response.end(request.method === "HEAD" ? undefined : content);
  };
  if (path === "/" || path === "/index.html") return send(200, page("Home", random.integer(20, 60)));
  if (path.startsWith("/f/")) return file(join(folder, "files", basename(path)), request, response);
  if (path === "/item") return item(url.searchParams.get("id") ?? "1", send);
  if (path === "/search") return send(200, page(`Results for ${url.searchParams.get("q")}`, random.integer(5, 90)));
  if (path === "/login") {
    const form = new URLSearchParams(body);
    const known = form.get("user") === "anna" && form.get("pass") === "s3cr3t";
    return send(known ? 200 : 401, known ? "Welcome" : "Login failed: wrong password");
  }
  if (path === "/basic")
    return send(401, "authorization required", "text/plain", {"www-authenticate": "Basic realm=shop"});
  if (path === "/upload") return send(200, JSON.stringify({ok: true, bytes: body.length}), "application/json");
  if (path === "/api") {
    const values = Array.from({length: random.integer(3, 120)}, () => random.float());
    return send(200, JSON.stringify({values}), "application/json");
  }
  if (path === "/sync") return send(200, "0".repeat(random.pick([0, 4, 16, 16, 16, 900])), "application/octet-stream");
  send(404, "<html><h1>Not Found</h1></html>");
}

type Send = (status: number, content: string) => void;

/** Pastes its argument into a condition, as a careless programmer would: a quote breaks it, AND 1=2 empties it. */
function item(id: string, send: Send) {
  if ((id.split("'").length - 1) % 2 === 1)
    return send(500, `You have an error in your SQL syntax near '${id.slice(0, 40)}'`);
  const condition = /\b(?:and|or)\b\s*\(?\s*(\d+)\s*=\s*(\d+)/i.exec(id);
  if (condition && condition[1] !== condition[2]) return send(200, page("Items", 0));
  if (!/^\d/.test(id)) return send(404, "no such item");
  send(200, page(`Item ${Number.parseInt(id, 10)}`, 3 + (Number.parseInt(id, 10) % 40)));
}

function page(title: string, rows: number): string {
  const links = Array.from(
    {length: rows},
    (_, i) => `<p><a href="/app/item?id=${i}">item ${i}</a><img src="/f/${i % 8}.bin">`
  );
  return `<!doctype html><html><title>${title}</title><body><h1>${title}</h1>${links.join("\n")}</body></html>`;
}

function file(path: string, request: IncomingMessage, response: ServerResponse): void {
  const size = statSync(path, {throwIfNoEntry: false})?.size;
  if (size === undefined) {
    response.writeHead(404).end("not found");
    return;
  }
  response.writeHead(200, {"content-type": "application/octet-stream", "content-length": size});
  if (request.method === "HEAD") response.end();
  else createReadStream(path).pipe(response);
}
