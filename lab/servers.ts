import {execFileSync} from "node:child_process";
import {chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {basename, join} from "node:path";
import {fileURLToPath} from "node:url";
import {buildSync} from "esbuild";
import type {Server} from "./configuration.ts";

const bundles = new Map<string, string>();

/**
 * The command that runs one of the lab's own TypeScript programs with this Node. It is bundled first: a hundred of them
 * start in the time that a TypeScript loader needs for ten.
 */
export function ownProgram(path: string, ...args: string[]): string[] {
  let bundle = bundles.get(path);
  if (!bundle) {
    const folder = mkdtempSync(join(tmpdir(), "flowbook-lab-program-"));
    process.once("exit", () => rmSync(folder, {recursive: true, force: true}));
    chmodSync(folder, 0o755);
    bundle = join(folder, `${basename(path, ".ts")}.mjs`);
    buildSync({
      entryPoints: [fileURLToPath(new URL(path, import.meta.url))],
      outfile: bundle,
      bundle: true,
      platform: "node",
      format: "esm",
      logLevel: "error"
    });
    bundles.set(path, bundle);
  }
  return [process.execPath, bundle, ...args];
}

/** Those of the lab's own servers that speak UDP. */
const udp = ["dns", "ntp", "stun", "sip", "snmp", "echo", "forward"];

/**
 * The lab's own servers in one process: `http`, `https`, `smtp`, `ftp`, `lines`, `push`, `push-tls`, `stream`, `sink`,
 * `proxy`, and over UDP `dns`, `ntp`, `stun`, `sip`, `snmp`, `echo`, `forward`.
 */
export function own(ports: Readonly<Record<string, number>>): Server {
  return {
    needs: [],
    ports: Object.entries(ports).flatMap(([kind, port]) => (udp.includes(kind) ? [] : [port])),
    command: (folder) =>
      ownProgram("services/main.ts", folder, ...Object.entries(ports).map(([kind, port]) => `${kind}:${port}`))
  };
}

let started = 0;

/** A name for the files of one server: two of a kind in a lab must not share their settings. */
function fileName(kind: string): string {
  return `${kind}-${++started}`;
}

/** nginx with the files itself and the shop behind it. */
export function nginx(http: number, https: number, behind: number): Server {
  const name = fileName("nginx");
  return {
    needs: ["nginx"],
    ports: [http, https],
    prepare: (folder) =>
      writeFileSync(
        join(folder, `${name}.conf`),
        `user root; worker_processes 2; daemon off; pid ${folder}/${name}.pid; error_log /dev/null;
events { worker_connections 1024; }
http { access_log off; client_max_body_size 50m; keepalive_timeout 20; client_body_temp_path ${folder}/${name}-body;
proxy_temp_path ${folder}/${name}-proxy; fastcgi_temp_path ${folder}/${name}-f; uwsgi_temp_path ${folder}/${name}-u; scgi_temp_path ${folder}/${name}-s;
server { listen ${http}; listen [::]:${http}; listen ${https} ssl http2; listen [::]:${https} ssl http2;
ssl_certificate ${folder}/tls.crt; ssl_certificate_key ${folder}/tls.key;
location /f/ { alias ${folder}/files/; } location / { proxy_pass http://127.0.0.1:${behind}; } } }`
      ),
    command: (folder) => ["nginx", "-c", join(folder, `${name}.conf`)]
  };
}

/** Apache with TLS: files itself, the shop behind it. */
export function apache(https: number, behind: number): Server {
  const name = fileName("apache");
  const modules = "mpm_event authz_core alias dir mime ssl proxy proxy_http socache_shmcb".split(" ");
  return {
    needs: ["apache2"],
    ports: [https],
    prepare: (folder) =>
      writeFileSync(
        join(folder, `${name}.conf`),
        `ServerRoot /etc/apache2
ServerName lab.example
PidFile ${folder}/${name}.pid
Mutex file:${folder}
ErrorLog /dev/null
Listen ${https}
User www-data
Group www-data
${modules.map((module) => `LoadModule ${module}_module /usr/lib/apache2/modules/mod_${module}.so`).join("\n")}
TypesConfig /etc/mime.types
DocumentRoot ${folder}/files
SSLEngine on
SSLCertificateFile ${folder}/tls.crt
SSLCertificateKeyFile ${folder}/tls.key
Alias /f ${folder}/files
ProxyPass /app http://127.0.0.1:${behind}/app
<Directory ${folder}/files>
Require all granted
</Directory>
`
      ),
    command: (folder) => ["apache2", "-DFOREGROUND", "-f", join(folder, `${name}.conf`)]
  };
}

/** OpenSSH; a connection may try that many passwords. */
export function sshd(port: number, triesPerConnection: number): Server {
  const name = fileName("sshd");
  return {
    needs: ["/usr/sbin/sshd"],
    ports: [port],
    prepare: (folder) => {
      mkdirSync("/run/sshd", {recursive: true, mode: 0o755});
      writeFileSync(
        join(folder, `${name}.conf`),
        `Port ${port}
HostKey ${folder}/hostkey
AuthorizedKeysFile ${folder}/id.pub
UsePAM no
PasswordAuthentication yes
MaxStartups 200:30:400
MaxAuthTries ${triesPerConnection}
PidFile none
Subsystem sftp internal-sftp
UseDNS no
StrictModes no
`
      );
    },
    command: (folder) => ["/usr/sbin/sshd", "-D", "-e", "-f", join(folder, `${name}.conf`)]
  };
}

export function vsftpd(port: number): Server {
  const name = fileName("vsftpd");
  return {
    needs: ["vsftpd"],
    ports: [port],
    prepare: (folder) => {
      mkdirSync(join(folder, "empty"), {recursive: true});
      writeFileSync(
        join(folder, `${name}.conf`),
        `listen=YES
listen_ipv6=NO
listen_port=${port}
background=NO
local_enable=YES
write_enable=YES
anonymous_enable=NO
seccomp_sandbox=NO
pam_service_name=vsftpd
max_per_ip=0
max_clients=200
delay_failed_login=1
secure_chroot_dir=${folder}/empty
`
      );
    },
    command: (folder) => ["vsftpd", join(folder, `${name}.conf`)]
  };
}

/** dnsmasq with the lab's names; it answers NXDOMAIN for others below `example`. */
export function dnsmasq(port: number): Server {
  return {
    needs: ["dnsmasq"],
    ports: [port],
    command: (folder) => [
      "dnsmasq",
      "--keep-in-foreground",
      "--conf-file=/dev/null",
      "--no-resolv",
      "--no-hosts",
      "--user=root",
      "--pid-file=",
      "--local=/example/",
      "--local=/lan/",
      `--addn-hosts=${folder}/names.hosts`,
      `--port=${port}`
    ]
  };
}

export function redis(port: number, password: string): Server {
  return {
    needs: ["redis-server"],
    ports: [port],
    command: (folder) => [
      "redis-server",
      ...["--port", `${port}`, "--bind", "0.0.0.0", "--save", "", "--dir", folder, "--requirepass", password]
    ]
  };
}

export function mosquitto(port: number): Server {
  const name = fileName("mosquitto");
  return {
    needs: ["mosquitto"],
    ports: [port],
    prepare: (folder) =>
      writeFileSync(join(folder, `${name}.conf`), `listener ${port} 0.0.0.0\nallow_anonymous true\nuser root\n`),
    command: (folder) => ["mosquitto", "-c", join(folder, `${name}.conf`)]
  };
}

/** Caddy: HTTP/1.1, HTTP/2 and HTTP/3 over QUIC of the lab's files. */
export function caddy(http: number, https: number): Server {
  const name = fileName("caddy");
  return {
    needs: ["caddy"],
    ports: [http, https],
    prepare: (folder) =>
      writeFileSync(
        join(folder, `${name}.conf`),
        `{
  admin off
  auto_https off
  http_port ${http}
  https_port ${https}
  storage file_system ${folder}/${name}
}
(files) {
  root * ${folder}
  rewrite /app/* /files/0.bin
  rewrite / /files/0.bin
  uri replace /f/ /files/
  file_server
}
http://:${http} {
  import files
}
https://:${https} {
  tls ${folder}/tls.crt ${folder}/tls.key
  import files
}
`
      ),
    command: (folder) => ["caddy", "run", "--config", join(folder, `${name}.conf`), "--adapter", "caddyfile"]
  };
}

/** Samba with one share of the lab's files, for guests and for the lab's account. */
export function samba(): Server {
  return {
    needs: ["smbd"],
    ports: [445],
    prepare: (folder) => {
      for (const part of ["samba", "samba/private"]) mkdirSync(join(folder, part), {recursive: true, mode: 0o755});
      const places = [
        "private dir",
        "lock directory",
        "state directory",
        "cache directory",
        "pid directory",
        "ncalrpc dir"
      ];
      writeFileSync(
        join(folder, "smb.conf"),
        `[global]
workgroup = LAB
map to guest = Bad User
guest account = root
load printers = no
disable spoolss = yes
log file = ${folder}/samba/log
smb ports = 445
${places.map((place) => `${place} = ${folder}/samba/private`).join("\n")}
[files]
path = ${folder}/files
guest ok = yes
read only = yes
[incoming]
path = ${folder}/incoming
guest ok = yes
read only = no
`
      );
    },
    // It ends where its standard input is a pipe that ends.
    command: (folder) => ["sh", "-c", `exec smbd --foreground --no-process-group -s ${folder}/smb.conf </dev/null`]
  };
}

/** git's own server of one repository, made of the lab's files. */
export function gitDaemon(port: number): Server {
  return {
    needs: ["git"],
    ports: [port],
    prepare: (folder) => {
      if (existsSync(join(folder, "git"))) return;
      const git = (...args: string[]) =>
        execFileSync("git", args, {stdio: "ignore", env: {...process.env, HOME: folder}});
      const work = join(folder, "git", "work");
      git("init", "-q", work);
      for (const name of readdirSync(join(folder, "files")))
        if (name < "6") copyFileSync(join(folder, "files", name), join(work, name));
      git("-C", work, "add", "--all");
      git("-C", work, "-c", "user.name=lab", "-c", "user.email=lab@lab.example", "commit", "-q", "-m", "files");
      git("clone", "-q", "--bare", work, join(folder, "git", "shop.git"));
      git("config", "--global", "--add", "safe.directory", "*");
    },
    command: (folder) => ["git", "daemon", "--reuseaddr", "--export-all", `--base-path=${folder}/git`, `--port=${port}`]
  };
}
