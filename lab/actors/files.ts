import type {Actor} from "../configuration.ts";

/** Logs in over FTP and fetches a file. */
export const ftpFetch: Actor = {
  name: "ftp-fetch",
  needs: ["curl"],
  async act(scene) {
    const {ftp} = scene.endpoints;
    const account = `${scene.user.name}:${scene.user.password}`;
    const path = `${scene.folder}/files/${scene.random.integer(0, 7)}.bin`;
    await scene.run(["curl", "-s", "-u", account, `ftp://${ftp.address}:${ftp.port}/${path}`]);
  }
};

/** Lists a folder, looks around, fetches two files with pauses. */
export const ftpSession: Actor = {
  name: "ftp-session",
  needs: ["lftp"],
  async act(scene) {
    const {ftp} = scene.endpoints;
    const {random} = scene;
    const get = () => `get -O /dev ${scene.folder}/files/${random.integer(0, 7)}.bin -o null`;
    const script = `set net:max-retries 1; set net:timeout 8; ls; ${get()}; !sleep ${random.integer(1, 3)}; ${get()}; bye`;
    const account = `${scene.user.name},${scene.user.password}`;
    await scene.run(["lftp", "-u", account, "-p", `${ftp.port}`, "-e", script, ftp.address], {seconds: 25});
  }
};
