import type {Actor} from "../configuration.ts";

export const ping: Actor = {
  name: "ping",
  needs: ["ping"],
  async act(scene) {
    const {random, endpoints} = scene;
    const to = random.pick([endpoints.http.address, endpoints.dns.address, random.pick(scene.addresses)]);
    await scene.run(["ping", "-n", "-c", `${random.integer(1, 6)}`, "-i", random.pick(["0.3", "1"]), to]);
  }
};

/** Sets its clock. */
export const clock: Actor = {
  name: "clock",
  needs: ["ncat"],
  async act({endpoints, run}) {
    const request = `\x23${"\0".repeat(47)}`;
    await run(["ncat", "-u", "-i", "1", endpoints.ntp.address, `${endpoints.ntp.port}`], {seconds: 3, input: request});
  }
};

/** Tries a service that is not there any more. */
export const goneService: Actor = {
  name: "gone-service",
  needs: ["curl"],
  async act({endpoints, random, run}) {
    const host = random.pick([endpoints.http.address, endpoints.dns.address, endpoints.smtp.address]);
    await run(["curl", "-s", "-m", "3", `http://${host}:${random.integer(9000, 9900)}/`]);
  }
};

/** A monitor that looks whether hosts and services live: the ordinary neighbour of a sweep. */
export const monitor: Actor = {
  name: "monitor",
  needs: ["ping", "ncat"],
  async act(scene) {
    const {random, endpoints} = scene;
    for (const address of random.shuffled(scene.addresses).slice(0, random.integer(2, 5))) {
      await scene.run(["ping", "-n", "-c", "1", "-W", "1", address], {seconds: 3});
      await scene.pause(random.uniform(0.05, 0.6));
    }
    for (const service of [endpoints.http, endpoints.ssh, endpoints.smtp]) {
      await scene.run(["ncat", "-z", "-w", "2", service.address, `${service.port}`], {seconds: 4});
    }
  }
};

/** Looks for printers and players near by (SSDP, RFC 6762 mDNS): packets that nobody answers. */
export const discover: Actor = {
  name: "discover",
  needs: ["ncat"],
  async act({random, run}) {
    const search =
      'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\nMX: 1\r\nST: ssdp:all\r\n\r\n';
    const query = "\0\0\0\0\0\x01\0\0\0\0\0\0\x04_ipp\x04_tcp\x05local\0\0\x0c\0\x01";
    if (random.chance(0.5))
      await run(["ncat", "-u", "-i", "1", "239.255.255.250", "1900"], {seconds: 3, input: search});
    else await run(["ncat", "-u", "-i", "1", "-p", "5353", "224.0.0.251", "5353"], {seconds: 3, input: query});
  }
};
