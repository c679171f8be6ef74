import {execFileSync} from "node:child_process";
import {createSocket} from "node:dgram";
import {readFileSync, writeFileSync} from "node:fs";
import {createServer, type IncomingMessage} from "node:http";
import {createServer as createHttpsServer} from "node:https";
import {type AddressInfo, createServer as createTcpServer, type Server, type Socket} from "node:net";
import {join} from "node:path";
import {createServer as createTlsServer} from "node:tls";
import {SMTPServer, type SMTPServerOptions} from "smtp-server";

/** A certificate authority of a test, and a certificate for `localhost` and 127.0.0.1 that it signed. */
export interface Certificates {
  readonly caFile: string;
  readonly key: Buffer;
  readonly cert: Buffer;
}

/** Why no certificates can be made here; null where they can. */
export function noOpenssl(): string | null {
  try {
    execFileSync("openssl", ["version"], {stdio: "ignore"});
    return null;
  } catch {
    return "there is no openssl to make certificates with";
  }
}

/** Makes both in a folder. */
export function makeCertificates(folder: string): Certificates {
  const path = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execFileSync("openssl", args, {stdio: "pipe", cwd: folder});
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
  openssl("req", "-x509", ...newKey, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=flowbook test CA");
  openssl("req", ...newKey.slice(0, -2), "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost");
  writeFileSync(path("names"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
  openssl(
    "x509",
    "-req",
    "-in",
    "server.csr",
    "-CA",
    "ca.pem",
    "-CAkey",
    "ca.key",
    "-CAcreateserial",
    "-days",
    "2",
    "-out",
    "server.pem",
    "-extfile",
    "names"
  );
  return {caFile: path("ca.pem"), key: readFileSync(path("server.key")), cert: readFileSync(path("server.pem"))};
}

/** A certificate of the same key for another name, its own authority. */
export function otherCertificate(folder: string, name: string): Buffer {
  const args = ["req", "-x509", "-key", "server.key", "-days", "2", "-subj", "/CN=elsewhere"];
  const names = ["-addext", "subjectAltName=DNS:elsewhere.example", "-out", name];
  execFileSync("openssl", [...args, ...names], {stdio: "pipe", cwd: folder});
  return readFileSync(join(folder, name));
}

/** A mail as it arrived. */
export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly secure: boolean;
  readonly user: string | null;
  /** Headers and body as they were sent. */
  readonly raw: string;
}

export interface Receiver<T> {
  readonly port: number;
  readonly got: T[];
  close(): Promise<void>;
}

/** A real SMTP server on 127.0.0.1 that takes mail and one password. */
export async function mailServer(options: SMTPServerOptions, password = "sesame"): Promise<Receiver<Mail>> {
  const {server, got} = mailReceiver(options, password);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const {port} = server.server.address() as AddressInfo;
  return {port, got, close: () => new Promise((resolve) => server.close(() => resolve()))};
}

/** The same at a socket of the file system, which all network namespaces reach. */
export async function mailServerAt(path: string, options: SMTPServerOptions): Promise<Omit<Receiver<Mail>, "port">> {
  const {server, got} = mailReceiver(options, "sesame");
  await new Promise<void>((resolve) => server.server.listen(path, resolve));
  return {got, close: () => new Promise((resolve) => server.close(() => resolve()))};
}

function mailReceiver(options: SMTPServerOptions, password: string): {server: SMTPServer; got: Mail[]} {
  const got: Mail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    logger: false,
    onAuth: ({username, password: given}, _session, done) =>
      given === password ? done(null, {user: username}) : done(new Error(`no such password: ${given}`)),
    onData(stream, {envelope, secure, user}, done) {
      let raw = "";
      stream.setEncoding("utf8").on("data", (text: string) => {
        raw += text;
      });
      stream.on("end", () => {
        const from = envelope.mailFrom === false ? "" : (envelope.mailFrom?.address ?? "");
        got.push({
          from,
          to: envelope.rcptTo.map(({address}) => address),
          secure,
          user: user ? String(user) : null,
          raw
        });
        done();
      });
    },
    ...options
  });
  server.on("error", () => {});
  return {server, got};
}

/** The text of a mail, decoded from quoted-printable or base64. */
export function mailText({raw}: Mail): string {
  const [head, body] = [raw.slice(0, raw.indexOf("\r\n\r\n")), raw.slice(raw.indexOf("\r\n\r\n") + 4)];
  if (/^content-transfer-encoding: base64/im.test(head)) return Buffer.from(body, "base64").toString("utf8");
  if (!/^content-transfer-encoding: quoted-printable/im.test(head)) return body.replaceAll("\r\n", "\n");
  const bytes = body
    .replace(/=\r\n/g, "")
    .replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString("utf8").replaceAll("\r\n", "\n");
}

export interface Post {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** An HTTP or HTTPS server on 127.0.0.1 that keeps what is posted; `answer` gives status and headers. */
export async function webServer(
  answer: (post: Post) => [number, Record<string, string>?] | null,
  tls?: Certificates
): Promise<Receiver<Post>> {
  const got: Post[] = [];
  const handle: Parameters<typeof createServer>[1] = (request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    request.on("end", () => {
      const post = {path: request.url ?? "", headers: request.headers, body};
      got.push(post);
      const answered = answer(post);
      if (answered) response.writeHead(...answered).end("a secret of the inner network");
    });
  };
  const server = tls ? createHttpsServer({key: tls.key, cert: tls.cert}, handle) : createServer(handle);
  return listening(server as Server, got, () => server.closeAllConnections());
}

/** A syslog receiver by TCP, or TLS, that splits what arrives by counted octets (RFC 6587). */
export async function syslogServer(tls?: Certificates): Promise<Receiver<string>> {
  const got: string[] = [];
  const sockets = new Set<Socket>();
  const take = (socket: Socket) => {
    sockets.add(socket);
    let bytes = Buffer.alloc(0);
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      for (;;) {
        const space = bytes.indexOf(" ");
        const length = space > 0 ? Number(bytes.subarray(0, space)) : Number.NaN;
        if (!(bytes.length >= space + 1 + length)) return;
        got.push(bytes.subarray(space + 1, space + 1 + length).toString("utf8"));
        bytes = bytes.subarray(space + 1 + length);
      }
    });
  };
  const server = tls ? createTlsServer({key: tls.key, cert: tls.cert}, take) : createTcpServer(take);
  server.on("tlsClientError", () => {});
  return listening(server, got, () => {
    for (const socket of sockets) socket.destroy();
  });
}

/** A syslog receiver by UDP. */
export async function syslogListener(): Promise<Receiver<string>> {
  const got: string[] = [];
  const socket = createSocket("udp4");
  socket.on("message", (bytes) => got.push(bytes.toString("utf8")));
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return {port: socket.address().port, got, close: () => new Promise((resolve) => socket.close(() => resolve()))};
}

async function listening<T>(server: Server, got: T[], end: () => void): Promise<Receiver<T>> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const {port} = server.address() as AddressInfo;
  return {
    port,
    got,
    close: () =>
      new Promise((resolve) => {
        end();
        server.close(() => resolve());
      })
  };
}
