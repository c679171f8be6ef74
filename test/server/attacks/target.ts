import {connect, type Socket} from "node:net";

/** A server to attack, and the session of a reader who may ask. */
export interface Target {
  readonly origin: string;
  readonly session: string;
}

/** Asks as a program does; the status with what the answer says of it. */
export async function ask(target: Target, path: string, init: RequestInit = {}): Promise<string> {
  const response = await request(target, path, init);
  const text = await response.text();
  return `${response.status} ${response.ok ? "" : reasonOf(text)}`.trim();
}

export function request({origin, session}: Target, path: string, init: RequestInit = {}): Promise<Response> {
  const headers = {authorization: `Bearer ${session}`, "content-type": "application/json", ...init.headers};
  return fetch(origin + path, {...init, headers});
}

export function askSql(target: Target, sql: string): Promise<string> {
  return ask(target, "/api/query", {method: "POST", body: JSON.stringify({sql})});
}

function reasonOf(text: string): string {
  try {
    const {cap, error} = JSON.parse(text);
    return cap ?? String(error).split("\n")[0].slice(0, 60);
  } catch {
    return text.split("\n")[0].slice(0, 60);
  }
}

/** Sends bytes as they are; what came until the other end closed, or nothing more came for `quietMs`. */
export function raw(target: Target, bytes: string | Buffer, quietMs = 1000): Promise<string> {
  return new Promise((resolve) => {
    const socket = open(target);
    let got = "";
    const done = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(got.split("\r\n")[0] || "closed");
    };
    const timer = setTimeout(done, quietMs);
    socket.on("data", (data) => {
      got += data.toString("latin1");
      timer.refresh();
    });
    socket.on("error", done).on("close", done);
    socket.write(bytes);
  });
}

export function open({origin}: Target): Socket {
  const {hostname, port} = new URL(origin);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => {});
  return socket;
}

/** The lines of a request with a session, before its body. */
export function head({origin, session}: Target, line: string, headers: readonly string[] = []): string {
  const first = [`${line} HTTP/1.1`, `Host: ${new URL(origin).host}`, `Authorization: Bearer ${session}`];
  return `${[...first, ...headers].join("\r\n")}\r\n\r\n`;
}
