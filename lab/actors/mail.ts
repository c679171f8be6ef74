import type {Actor} from "../configuration.ts";

/** Sends a mail of some size. */
export const mail: Actor = {
  name: "mail",
  needs: ["curl"],
  async act(scene) {
    const {smtp} = scene.endpoints;
    const body = `Subject: ${scene.random.word(8)}\r\n\r\n${`${scene.random.word(70)}\r\n`.repeat(scene.random.integer(3, 900))}`;
    const people = ["--mail-from", "anna@lab.example", "--mail-rcpt", "ben@lab.example"];
    await scene.run(["curl", "-s", `smtp://${smtp.address}:${smtp.port}`, ...people, "-T", "-"], {input: body});
  }
};
