import type {Actor} from "../configuration.ts";

/** A sensor that reports a few values. */
export const publish: Actor = {
  name: "publish",
  needs: ["mosquitto_pub"],
  async act(scene) {
    const {mqtt} = scene.endpoints;
    for (let i = scene.random.integer(1, 4); i > 0 && !scene.over; i--) {
      const topic = `site/${scene.random.integer(1, 9)}/temperature`;
      const message = scene.random.word(scene.random.integer(8, 300));
      await scene.run(["mosquitto_pub", "-h", mqtt.address, "-p", `${mqtt.port}`, "-t", topic, "-m", message]);
      await scene.pause(scene.random.uniform(0.3, 2));
    }
  }
};

export const subscribe: Actor = {
  name: "subscribe",
  needs: ["mosquitto_sub"],
  async act(scene) {
    const {mqtt} = scene.endpoints;
    const seconds = `${scene.random.integer(5, 25)}`;
    await scene.run(["mosquitto_sub", "-h", mqtt.address, "-p", `${mqtt.port}`, "-t", "site/#", "-W", seconds], {
      seconds: 30
    });
  }
};

/** Writes and reads keys, sometimes with pauses. */
export const cache: Actor = {
  name: "cache",
  needs: ["redis-cli"],
  async act(scene) {
    const {redis} = scene.endpoints;
    const {random} = scene;
    const slow = random.chance(0.3);
    async function* commands() {
      for (let i = random.integer(2, 40); i > 0; i--) {
        yield `set key${i} ${random.word(random.integer(1, 300))}\nget key${random.integer(1, 40)}\n`;
        if (slow) await scene.pause(0.15);
      }
    }
    const argv = [
      "redis-cli",
      "-h",
      redis.address,
      "-p",
      `${redis.port}`,
      "--no-auth-warning",
      "-a",
      scene.user.password
    ];
    await scene.run(argv, {input: commands()});
  }
};

/** A long conversation over one plain TCP connection. */
export const chat: Actor = {
  name: "chat",
  needs: ["ncat"],
  async act(scene) {
    const {random, endpoints} = scene;
    async function* said() {
      for (let i = random.integer(3, 14); i > 0; i--) {
        yield `PRIVMSG #lab :${random.word(random.integer(3, 60))}\n`;
        await scene.pause(random.uniform(0.3, 2.5));
      }
    }
    await scene.run(["ncat", endpoints.chat.address, `${endpoints.chat.port}`], {seconds: 40, input: said()});
  }
};
