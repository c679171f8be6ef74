import {mkdirSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import {fileURLToPath} from "node:url";
import type {Server} from "./configuration.ts";

/** The command that runs one of the lab's own TypeScript programs with this Node. */
export function ownProgram(path: string, ...args: string[]): string[] {
  return [
    process.execPath,
    "--import",
    import.meta.resolve("tsx"),
    fileURLToPath(new URL(path, import.meta.url)),
    ...args
  ];
}

/** The lab's own servers in one process: `http`, `https`, `smtp`, `ftp`, `dns` (UDP), `ntp` (UDP), `lines`. */
export function own(ports: Readonly<Record<string, number>>): Server {
  const udp = ["dns", "ntp"];
  return {
    needs: [],
    ports: Object.entries(ports).flatMap(([kind, port]) => (udp.includes(kind) ? [] : [port])),
    command: (folder) =>
      ownProgram(
        "services/main.ts",
        folder,
        ...Object.entries(ports).map(([kind, port]) => `${kind.replace(/-.*/, "")}:${port}`)
      )
  };
}

/** nginx with the files itself and the shop behind it. */
export function nginx(http: number, https: number, behind: number): Server {
  return {
    needs: ["nginx"],
    ports: [http, https],
    prepare: (folder) =>
      writeFileSync(
        join(folder, "nginx.conf"),
        `user root; worker_processes 2; daemon off; pid ${folder}/nginx.pid; error_log /dev/null;
events { worker_connections 1024; }
http { access_log off; client_max_body_size 50m; keepalive_timeout 20; client_body_temp_path ${folder}/nginx-body;
proxy_temp_path ${folder}/nginx-proxy; fastcgi_temp_path ${folder}/nginx-f; uwsgi_temp_path ${folder}/nginx-u; scgi_temp_path ${folder}/nginx-s;
server { listen ${http}; listen [::]:${http}; listen ${https} ssl http2; listen [::]:${https} ssl http2;
ssl_certificate ${folder}/tls.crt; ssl_certificate_key ${folder}/tls.key;
location /f/ { alias ${folder}/files/; } location / { proxy_pass http://127.0.0.1:${behind}; } } }`
      ),
    command: (folder) => ["nginx", "-c", join(folder, "nginx.conf")]
  };
}

/** Apache with TLS: files itself, the shop behind it. */
export function apache(https: number, behind: number): Server {
  const modules = "mpm_event authz_core alias dir mime ssl proxy proxy_http socache_shmcb".split(" ");
  return {
    needs: ["apache2"],
    ports: [https],
    prepare: (folder) =>
      writeFileSync(
        join(folder, "apache.conf"),
        `ServerRoot /etc/apache2
ServerName lab.example
PidFile ${folder}/apache.pid
Mutex file:${folder}
ErrorLog /dev/null
Listen ${https}
User www-data
Group www-data
${modules.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join("\n")}
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
    command: (folder) => ["apache2", "-DFOREGROUND", "-f", join(folder, "apache.conf")]
  };
}

/** OpenSSH; a connection may try that many passwords. */
export function sshd(port: number, triesPerConnection: number): Server {
  return {
    needs: ["/usr/sbin/sshd"],
    ports: [port],
    prepare: (folder) => {
      mkdirSync("/run/sshd", {recursive: true, mode: 0o755});
      writeFileSync(
        join(folder, "sshd.conf"),
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
    command: (folder) => ["/usr/sbin/sshd", "-D", "-e", "-f", join(folder, "sshd.conf")]
  };
}

export function vsftpd(port: number): Server {
  return {
    needs: ["vsftpd"],
    ports: [port],
    prepare: (folder) => {
      mkdirSync(join(folder, "empty"), {recursive: true});
      writeFileSync(
        join(folder, "vsftpd.conf"),
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
    command: (folder) => ["vsftpd", join(folder, "vsftpd.conf")]
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
  return {
    needs: ["mosquitto"],
    ports: [port],
    prepare: (folder) =>
      writeFileSync(join(folder, "mosquitto.conf"), `listener ${port} 0.0.0.0\nallow_anonymous true\nuser root\n`),
    command: (folder) => ["mosquitto", "-c", join(folder, "mosquitto.conf")]
  };
}
