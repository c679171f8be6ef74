import type {Actor, Scene} from "../configuration.ts";

const quiet = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR"];
const key = ({folder}: Scene) => ["-o", "IdentitiesOnly=yes", "-i", `${folder}/id`];
const there = ({user, endpoints}: Scene) => `${user.name}@${endpoints.ssh.address}`;

/** Types a few commands with pauses and reads what they print. */
export const shell: Actor = {
  name: "shell",
  needs: ["ssh"],
  async act(scene) {
    async function* typed() {
      for (let i = scene.random.integer(1, 7); i > 0; i--) {
        yield `ls -la /usr/bin | head -${scene.random.integer(1, 250)}\n`;
        await scene.pause(scene.random.uniform(0.2, 2.5));
      }
    }
    const port = `${scene.endpoints.ssh.port}`;
    await scene.run(["ssh", ...quiet, ...key(scene), "-p", port, there(scene), "sh"], {seconds: 40, input: typed()});
  }
};

/** Mistypes the password once, then gets it right: the ordinary neighbour of a brute force. */
export const mistypedShell: Actor = {
  name: "mistyped-shell",
  needs: ["ssh", "sshpass"],
  async act(scene) {
    for (const password of [`${scene.user.password}x`, scene.user.password]) {
      const port = `${scene.endpoints.ssh.port}`;
      const options = ["-o", "PubkeyAuthentication=no", "-o", "NumberOfPasswordPrompts=1"];
      await scene.run(["sshpass", "-p", password, "ssh", ...quiet, ...options, "-p", port, there(scene), "uptime"]);
      await scene.pause(scene.random.uniform(1, 3));
    }
  }
};

export const copyDown: Actor = {
  name: "copy-down",
  needs: ["scp"],
  async act(scene) {
    const file = `${scene.folder}/files/${scene.random.pick(["3.bin", "segment.bin", "large.bin"])}`;
    const port = `${scene.endpoints.ssh.port}`;
    await scene.run(["scp", "-q", ...quiet, ...key(scene), "-P", port, `${there(scene)}:${file}`, "/dev/null"], {
      seconds: 40
    });
  }
};

/** A backup: puts a file on the server. */
export const copyUp: Actor = {
  name: "copy-up",
  needs: ["sftp"],
  async act(scene) {
    const input = `put ${scene.folder}/files/${scene.random.pick(["segment.bin", "6.bin"])} ${scene.folder}/incoming/${scene.host.name}\n`;
    await scene.run(["sftp", "-q", ...quiet, ...key(scene), "-P", `${scene.endpoints.ssh.port}`, there(scene)], {
      seconds: 40,
      input
    });
  }
};
