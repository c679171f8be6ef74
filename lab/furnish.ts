import {execFileSync} from "node:child_process";
import {chmodSync, mkdirSync, readFileSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import type {Configuration} from "./configuration.ts";
import {Random} from "./random.ts";

interface Account {
  readonly name: string;
  readonly password: string;
}

/** Fills the run's folder: files to serve, word lists, keys, certificate, names. */
export function furnish(folder: string, configuration: Configuration, user: Account, seed: number): void {
  const random = Random.named(seed, "files");
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, "files"));
  mkdirSync(join(folder, "incoming"));
  chmodSync(join(folder, "incoming"), 0o777);
  const write = (name: string, content: string | Buffer, mode = 0o644) =>
    writeFileSync(join(folder, name), content, {mode});
  const {object, segment, large} = configuration.sizes;
  for (let i = 0; i < 8; i++) write(`files/${i}.bin`, random.bytes(random.integer(...object)));
  write("files/segment.bin", random.bytes(segment));
  write("files/large.bin", random.bytes(large));
  write("account", `${user.name}:${user.password}\n`);
  write("users", "admin\nroot\ntest\nguest\noracle\nvictim\nben\nbackup\n");
  const passwords = Array.from({length: 400}, (_, i) => `pass${i}`);
  write("passwords", `${[...passwords, "letmein", "qwerty", "123456"].join("\n")}\n`);
  const paths = Array.from({length: 250}, (_, i) => `dir${i}\npage${i}.php`);
  write(
    "paths",
    `${[...paths, "admin", "login", "backup", ".git", ".env", "phpmyadmin", "item", "search"].join("\n")}\n`
  );
  write("injections", `${injections().join("\n")}\n`);
  write("injections.encoded", `${injections().map(encodeURIComponent).join("\n")}\n`);
  const places = [...Object.values(configuration.endpoints), ...Object.values(configuration.alternatives ?? {}).flat()];
  const names = places.flatMap(({names, host, address}) => {
    const plan = configuration.hosts.find((h) => h.name === host)!;
    const address6 = address === plan.address ? plan.address6 : undefined;
    return names.map((name) => [name, [address, ...(address6 ? [address6] : [])]] as const);
  });
  const upstreams = configuration.alternatives?.dns?.map(({address}) => address) ?? [];
  write("upstreams", `${upstreams.join("\n")}\n`);
  write("names.json", JSON.stringify(Object.fromEntries(names)));
  write(
    "names.hosts",
    names.flatMap(([name, addresses]) => addresses.map((address) => `${address} ${name}\n`)).join("")
  );
  for (const key of ["hostkey", "id"])
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(folder, key)]);
  const certificate = [
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-days",
    "30",
    "-keyout",
    join(folder, "tls.key"),
    "-out",
    join(folder, "tls.crt")
  ];
  const subject = `/CN=${configuration.endpoints.https.names[0]}`;
  const alternatives = `subjectAltName=${configuration.endpoints.https.names.map((name) => `DNS:${name}`).join(",")}`;
  execFileSync("openssl", ["req", "-x509", "-subj", subject, "-addext", alternatives, ...certificate], {
    stdio: "ignore"
  });
}

/** Files laid over /etc inside the lab: its resolver and its one account. */
export function overEtc(folder: string, {endpoints}: Configuration, {name, password}: Account): Record<string, string> {
  const hash = execFileSync("openssl", ["passwd", "-6", "-salt", "flowbook", password], {encoding: "utf8"}).trim();
  return {
    "resolv.conf": `nameserver ${endpoints.dns.address}\noptions timeout:2 attempts:1\n`,
    passwd: `${readFileSync("/etc/passwd", "utf8")}${name}:x:4321:4321::${folder}:/bin/sh\n`,
    group: `${readFileSync("/etc/group", "utf8")}${name}:x:4321:\n`,
    shadow: `${readFileSync("/etc/shadow", "utf8")}${name}:${hash}:19700:0:99999:7:::\n`
  };
}

function injections(): string[] {
  const known = [
    "1'",
    "1 OR 1=1",
    "1 UNION SELECT 1,2",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "';DROP TABLE x--",
    "|id"
  ];
  const more = Array.from({length: 110}, (_, i) => [
    `1' AND ${i}=${i}--`,
    `1 UNION SELECT ${i},username FROM users--`,
    `<svg onload=alert(${i})>`,
    `../../../../etc/f${i}`
  ]);
  return [...known, ...more.flat()];
}
