import type {Actor} from "../configuration.ts";

/** Opens a share, looks around, fetches or puts a file: SMB as an office uses it. */
export const share: Actor = {
  name: "share",
  needs: ["smbclient"],
  async act({endpoints, random, run, folder}) {
    const {smb} = endpoints;
    if (!smb) return;
    const up = random.chance(0.3);
    const words = up
      ? `put ${folder}/files/${random.integer(0, 7)}.bin ${random.word(6)}`
      : `ls; get ${random.integer(0, 7)}.bin /dev/null; ls`;
    await run(["smbclient", `//${smb.address}/${up ? "incoming" : "files"}`, "-N", "-p", `${smb.port}`, "-c", words], {
      seconds: 15
    });
  }
};

/** Gets the source of a build, sometimes only what is new. */
export const clone: Actor = {
  name: "clone",
  needs: ["git"],
  async act({endpoints, random, run, folder}) {
    const {git} = endpoints;
    if (!git) return;
    const url = `git://${git.address}:${git.port}/shop.git`;
    if (random.chance(0.5)) await run(["git", "ls-remote", url], {seconds: 10});
    else {
      const place = `${folder}/incoming/clone-${random.word(8)}`;
      await run(["sh", "-c", `git clone -q ${url} ${place}; rm -rf ${place}`], {seconds: 25});
    }
  }
};
