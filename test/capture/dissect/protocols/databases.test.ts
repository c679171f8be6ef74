import {expect, it} from "vitest";
import {Conversation, type RecordRow} from "../conversation.ts";

const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");
const own = (rows: readonly RecordRow[] | undefined) =>
  (rows ?? []).map(({flow_id, capture_sha256, ts, ...row}) =>
    Object.fromEntries(Object.entries(row).filter(([name, value]) => value !== null && name !== "system"))
  );
const rowsOf = (conversation: Conversation) => {
  conversation.end();
  return own(conversation.records.databases);
};
const bytes = (...parts: (string | Uint8Array | number[])[]) =>
  Buffer.concat(
    parts.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : Buffer.from(part as Uint8Array)))
  );

const mysql = (number: number, ...parts: Parameters<typeof bytes>) => {
  const body = bytes(...parts);
  return bytes([body.length & 0xff, body.length >> 8, 0, number], body);
};
const greeting = mysql(0, [10], "8.0.36\0", new Uint8Array(36));
const mysqlLogin = (flags: number, ...rest: Parameters<typeof bytes>) => {
  const head = Buffer.alloc(32);
  head.writeUInt32LE(flags, 0);
  return mysql(1, head, ...rest);
};

it("MySQL: a login with its plugin and program, statements without literals, rows counted, errors", () => {
  const conversation = new Conversation(6, [40_000, 3306]);
  const attributes = bytes([12], "program_name", [5], "shop7");
  conversation
    .send(1, greeting)
    .send(
      0,
      mysqlLogin(
        0x1a8a08 | 0x200,
        "ann\0",
        [2, 1, 2],
        "shop\0",
        "caching_sha2_password\0",
        [attributes.length],
        attributes
      )
    )
    .send(1, mysql(2, [1, 4]))
    .send(1, mysql(3, [0, 0, 0, 2, 0, 0, 0]))
    .send(0, mysql(0, [3], "/* c */ select a1, 'it\\'s' from \"x\" where n=-1.5e3 -- why\n and b in (7,0xff)"))
    .send(1, bytes(mysql(1, [2]), mysql(2, "def1"), mysql(3, "def2"), mysql(4, [0xfe, 0, 0, 2, 0])))
    .send(1, bytes(mysql(5, [1, 0x31]), mysql(6, [1, 0x32]), mysql(7, [0xfe, 0, 0, 2, 0])))
    .send(0, mysql(0, [2], "other"))
    .send(1, mysql(1, [0, 0, 0, 2, 0, 0, 0]))
    .send(0, mysql(0, [3], "delete from `t1`"))
    .send(1, mysql(1, [0xff, 0x76, 0x04], "#42000denied"))
    .send(0, mysql(0, [1]));
  const common = {user: "ann", database: "shop", client: "shop7", server_version: "8.0.36"};
  expect(rowsOf(conversation)).toEqual([
    {...common, command: "login", auth: "caching_sha2_password", success: 1, rtt_us: 2000},
    {
      ...common,
      command: "query",
      kind: "SELECT",
      statement: "select a1, ? from ? where n=-? and b in (?,?)",
      success: 1,
      rows: 2,
      rtt_us: 1000
    },
    {...common, command: "use", object: "other", database: "other", success: 1, rtt_us: 1000},
    {
      ...common,
      database: "other",
      command: "query",
      kind: "DELETE",
      statement: "delete from `t1`",
      success: 0,
      error: "1142",
      rtt_us: 1000
    },
    {...common, database: "other", command: "quit"}
  ]);
});

it("MySQL: a refused login, a refused host, TLS", () => {
  const refused = new Conversation(6, [40_000, 3306]);
  refused
    .send(1, greeting)
    .send(0, mysqlLogin(0x8200, "eve\0", [0]))
    .send(1, mysql(2, [0xff, 0x15, 0x04], "#28000no"));
  expect(rowsOf(refused)).toEqual([
    {command: "login", user: "eve", server_version: "8.0.36", success: 0, error: "1045", rtt_us: 1000}
  ]);
  const host = new Conversation(6, [40_000, 3306]).send(
    1,
    mysql(0, [0xff, 0x6a, 0x04], "Host 'a' is not allowed to connect to this MySQL server")
  );
  expect(rowsOf(host)).toEqual([{command: "connect", success: 0, error: "1130", rtt_us: 0}]);
  const tls = new Conversation(6, [40_000, 3306]).send(1, greeting).send(0, mysqlLogin(0x8a00));
  expect(rowsOf(tls)).toEqual([{command: "tls", server_version: "8.0.36"}]);
});

const pg = (type: string, ...parts: Parameters<typeof bytes>) => {
  const body = bytes(...parts);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length + 4);
  return bytes(type, length, body);
};

it("PostgreSQL: login, simple and prepared statements, an error and what it skips, a hole", () => {
  const conversation = new Conversation(6, [40_000, 5432]);
  const ready = pg("Z", "I");
  conversation
    .send(0, pg("", hex("04d2162f")))
    .send(1, "N")
    .send(0, pg("", hex("00030000"), "user\0ann\0application_name\0psql\0\0"))
    .send(1, pg("R", hex("0000000a"), "SCRAM-SHA-256\0\0"))
    .send(0, pg("p", "SCRAM-SHA-256\0secret"))
    .send(1, bytes(pg("R", hex("00000000")), pg("S", "server_version\x0016.1\0"), ready))
    .send(0, pg("Q", "INSERT INTO t VALUES (E'a\\'b', $$x y$$, 1), ($1)\0"))
    .send(1, bytes(pg("C", "INSERT 0 2\0"), ready))
    .send(0, bytes(pg("P", '\0SELECT "A\'1" FROM t\0\0\0'), pg("B", "\0\0"), pg("E", "\0\0\0\0\0"), pg("S")))
    .send(1, bytes(pg("1"), pg("2"), pg("D", "row"), pg("C", "SELECT 1\0"), ready))
    .send(0, bytes(pg("P", "s1\0bad\0\0\0"), pg("E", "\0\0\0\0\0"), pg("S")))
    .send(1, bytes(pg("E", "SERROR\0C42601\0Mno\0\0"), ready))
    .send(0, pg("Q", "lost\0").subarray(0, 4), undefined, 6)
    .send(0, pg("Q", "VACUUM\0"))
    .send(1, bytes(pg("C", "VACUUM\0"), ready));
  const common = {user: "ann", database: "ann", client: "psql", server_version: "16.1"};
  expect(rowsOf(conversation)).toEqual([
    {...common, command: "login", auth: "SCRAM-SHA-256", success: 1, rtt_us: 3000},
    {
      ...common,
      command: "query",
      kind: "INSERT",
      statement: "INSERT INTO t VALUES (E?, ?, ?), ($1)",
      success: 1,
      rows: 2,
      rtt_us: 1000
    },
    {...common, command: "query", kind: "SELECT", statement: 'SELECT "A\'1" FROM t', success: 1, rows: 1, rtt_us: 1000},
    {...common, command: "prepare", kind: "BAD", statement: "bad", success: 0, error: "42601", rtt_us: 1000},
    {...common, command: "execute"},
    {...common, command: "query", kind: "VACUUM", statement: "VACUUM", success: 1, rtt_us: 1000}
  ]);
});

it("PostgreSQL: TLS is told, and read as such", () => {
  const conversation = new Conversation(6, [40_000, 5432]).send(0, pg("", hex("04d2162f"))).send(1, "S");
  expect(rowsOf(conversation)).toEqual([{command: "tls"}]);
});

const utf16 = (text: string) => Buffer.from(text, "utf16le");
const tds = (type: number, ...parts: Parameters<typeof bytes>) => {
  const body = bytes(...parts);
  return bytes([type, 1, (body.length + 8) >> 8, (body.length + 8) & 0xff, 0, 0, 1, 0], body);
};
const preloginOf = (encryption: number) => bytes(hex("00 000b 0006 01 0011 0001 ff 0f0007d00000"), [encryption]);
const token = (type: number, ...parts: Parameters<typeof bytes>) => {
  const body = bytes(...parts);
  return bytes([type, body.length & 0xff, body.length >> 8], body);
};
const login7 = (user: string, app: string, database: string) => {
  const head = Buffer.alloc(94);
  let at = 94;
  for (const [place, text] of [
    [40, user],
    [44, "pw"],
    [48, app],
    [68, database]
  ] as const) {
    head.writeUInt16LE(at, place);
    head.writeUInt16LE(text.length, place + 2);
    at += 2 * text.length;
  }
  head.writeUInt32LE(at, 0);
  head.writeUInt32LE(0x74000004, 4);
  return tds(16, head, utf16(user), utf16("pw"), utf16(app), utf16(database));
};
const done = (status: number, rows: number) => bytes([0xfd, status, 0, 0xc1, 0, rows, 0, 0, 0, 0, 0, 0, 0]);

it("SQL Server: login, batch, stored procedures by name and number, refusal", () => {
  const conversation = new Conversation(6, [40_000, 1433]);
  const headers = hex("16000000 12000000 0200 0000000000000000 01000000");
  conversation
    .send(0, tds(18, preloginOf(2)))
    .send(1, tds(4, preloginOf(2)))
    .send(0, login7("ann", "shop7", "sales"))
    .send(
      1,
      tds(
        4,
        token(0xe3, [1, 5], utf16("sales"), [0]),
        token(0xad, [1, 4, 0, 0, 0x74, 1], utf16("S"), [15, 0, 7, 0xd0]),
        done(0, 0)
      )
    )
    .send(0, tds(1, headers, utf16("SELECT [a'1] FROM t WHERE x=N'é''s'")))
    .send(1, tds(4, hex("8101"), done(0x10, 3)))
    .send(0, tds(3, headers, hex("ffff 0a00 0000 00 00 e7 401f 0904d00034"), [24, 0], utf16("update t set"), hex("00")))
    .send(1, tds(4, token(0xaa, [0x15, 1, 0, 0, 1, 16, 0, 0]), done(2, 0)))
    .send(0, tds(3, headers, [11, 0], utf16("xp_cmdshell"), [0, 0], [0, 0]))
    .send(1, tds(4, done(0, 0)));
  const common = {user: "ann", database: "sales", client: "shop7", server_version: "15.0.2000"};
  expect(rowsOf(conversation)).toEqual([
    {...common, command: "login", auth: "password", success: 1, rtt_us: 1000},
    {
      ...common,
      command: "query",
      kind: "SELECT",
      statement: "SELECT [a'1] FROM t WHERE x=N?",
      success: 1,
      rows: 3,
      rtt_us: 1000
    },
    {
      ...common,
      command: "call",
      kind: "UPDATE",
      object: "sp_executesql",
      statement: "update t set",
      success: 0,
      error: "277",
      rtt_us: 1000
    },
    {...common, command: "call", object: "xp_cmdshell", success: 1, rtt_us: 1000}
  ]);
  const refused = new Conversation(6, [40_000, 1433])
    .send(0, login7("sa", "", ""))
    .send(1, tds(4, token(0xaa, [0x18, 0x48, 0, 0, 1, 14, 0, 0]), done(2, 0)));
  expect(rowsOf(refused)).toEqual([
    {command: "login", user: "sa", auth: "password", success: 0, error: "18456", rtt_us: 1000}
  ]);
  const secret = new Conversation(6, [40_000, 1433]).send(0, tds(18, preloginOf(0))).send(1, tds(4, preloginOf(1)));
  expect(rowsOf(secret)).toEqual([{command: "tls", server_version: "15.0.2000"}]);
});

it("Redis: commands with their answers in order, logins, long values passed over, a version", () => {
  const command = (...words: string[]) =>
    `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join("")}`;
  const conversation = new Conversation(6, [40_000, 6379]);
  const long = "v".repeat(5000);
  conversation
    .send(0, command("AUTH", "wrong"))
    .send(1, "-WRONGPASS invalid\r\n")
    .send(0, command("auth", "ann", "secret"))
    .send(1, "+OK\r\n")
    .send(0, command("SET", "key", long).slice(0, 600))
    .send(0, command("SET", "key", long).slice(600) + command("select", "3") + command("CONFIG", "SET", "dir", "/tmp"))
    .send(1, "+OK\r\n+OK\r\n-ERR no\r\n")
    .send(0, command("LRANGE", "l", "0", "-1"))
    .send(1, "*2\r\n$3\r\nabc\r\n*1\r\n:5\r\n")
    .send(0, command("INFO"))
    .send(1, "$44\r\n# Server\r\nredis_version:7.2.4\r\nredis_mode:x\r\n");
  const ann = {user: "ann", success: 1};
  expect(rowsOf(conversation)).toEqual([
    {command: "login", auth: "password", success: 0, error: "WRONGPASS", rtt_us: 1000},
    {...ann, command: "login", auth: "password", rtt_us: 1000},
    {...ann, command: "SET", rtt_us: 2000},
    {...ann, command: "SELECT", object: "3", database: "3", rtt_us: 1000},
    {user: "ann", command: "CONFIG SET", database: "3", success: 0, error: "ERR", rtt_us: 1000},
    {...ann, command: "LRANGE", database: "3", rows: 2, rtt_us: 1000},
    {...ann, command: "INFO", database: "3", server_version: "7.2.4", rtt_us: 1000}
  ]);
});

type Bson = {[name: string]: string | number | boolean | Uint8Array | Bson};
const bson = (document: Bson): Buffer => {
  const parts = Object.entries(document).map(([name, value]) => {
    const of = (type: number, ...content: Parameters<typeof bytes>) => bytes([type], `${name}\0`, ...content);
    const length = (n: number) => [n & 0xff, n >> 8, 0, 0];
    if (typeof value === "string") return of(2, length(value.length + 1), `${value}\0`);
    if (typeof value === "boolean") return of(8, [value ? 1 : 0]);
    if (typeof value === "number") return of(16, length(value));
    if (value instanceof Uint8Array) return of(5, length(value.length), [0], value);
    return of(name.endsWith("Batch") || name === "writeErrors" ? 4 : 3, bson(value));
  });
  const body = bytes(...parts, [0]);
  return bytes([(body.length + 4) & 0xff, (body.length + 4) >> 8, 0, 0], body);
};
const message = (id: number, to: number, document: Bson) => {
  const body = bytes([0, 0, 0, 0, 0], bson(document));
  const head = Buffer.alloc(16);
  for (const [i, value] of [body.length + 16, id, to, 2013].entries()) head.writeUInt32LE(value, 4 * i);
  return bytes(head, body);
};

it("MongoDB: the driver, a login by SCRAM over two messages, commands with their collections, write errors", () => {
  const conversation = new Conversation(6, [40_000, 27_017]);
  conversation
    .send(0, message(1, 0, {hello: 1, client: {driver: {name: "nodejs"}, application: {name: "shop7"}}, $db: "admin"}))
    .send(1, message(9, 1, {ok: 1}))
    .send(
      0,
      message(2, 0, {saslStart: 1, mechanism: "SCRAM-SHA-256", payload: Buffer.from("n,,n=ann,r=abc"), $db: "admin"})
    )
    .send(1, message(10, 2, {conversationId: 1, done: false, ok: 1}))
    .send(0, message(3, 0, {saslContinue: 1, payload: Buffer.from("c=biws"), $db: "admin"}))
    .send(1, message(11, 3, {conversationId: 1, done: true, ok: 1}))
    .send(0, message(4, 0, {find: "orders", filter: {secret: "x"}, $db: "shop"}))
    .send(1, message(12, 4, {cursor: {firstBatch: {"0": {a: 1}, "1": {a: 2}}, id: 0}, ok: 1}))
    .send(0, message(5, 0, {insert: "orders", $db: "shop"}))
    .send(1, message(13, 5, {n: 0, writeErrors: {"0": {index: 0, code: 11000}}, ok: 1}))
    .send(0, message(6, 0, {drop: "orders", $db: "shop"}))
    .send(1, message(14, 6, {ok: 0, code: 13}));
  const common = {client: "shop7", user: "ann", database: "shop", rtt_us: 1000};
  expect(rowsOf(conversation)).toEqual([
    {client: "shop7", database: "admin", command: "hello", success: 1, rtt_us: 1000},
    {...common, database: "admin", command: "login", auth: "SCRAM-SHA-256", success: 1, rtt_us: 3000},
    {...common, command: "find", object: "orders", success: 1, rows: 2},
    {...common, command: "insert", object: "orders", success: 0, error: "11000", rows: 0},
    {...common, command: "drop", object: "orders", success: 0, error: "13"}
  ]);
});
