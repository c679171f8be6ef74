import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, beforeAll, expect, it} from "vitest";
import {importCaptures} from "../../../capture/import/import.ts";
import {type LakeEngine, openLake} from "../../../loaders/lake/duckdb.ts";
import {describeUnless} from "../../needs.ts";
import {noSharedData, sharedData} from "../../shared-data.ts";

describeUnless(noSharedData)("what dissection brings into a lake", () => {
  let lake: string;
  let engine: LakeEngine;
  const rows = async (sql: string) => (await engine.query(sql)).rows;

  beforeAll(async () => {
    lake = mkdtempSync(join(tmpdir(), "flowbook-dissected-"));
    const files = ["pcap/mercury/emix.pcap", "pcap/ndpi/teams.pcap", "pcap/ndpi/smb_deletefile.pcap"];
    await importCaptures(
      files.map((file) => join(sharedData, file)),
      {lake, clock: () => 1_790_000_000_000}
    );
    engine = await openLake(lake);
  }, 60_000);
  afterAll(async () => {
    await engine?.close();
    rmSync(lake, {recursive: true, force: true});
  });

  it("has names looked up before beside those that flows told", async () => {
    // Teams looks up the names of its providers' balancers and then asks for its own by SNI.
    expect(
      await rows(
        "SELECT count(*), count(*) FILTER (dns_name = server_name) FROM flows WHERE dns_name <> '' AND server_name <> ''"
      )
    ).toEqual([[30n, 14n]]);
    // Every name was asked by that originator, answered with the responder's address, before the flow began.
    expect(
      await rows(
        `SELECT count(*) FROM flows f WHERE dns_name IS NOT NULL AND NOT EXISTS (
           FROM dns d WHERE d.capture_sha256 = f.capture_sha256 AND d.client_ip = f.src_ip AND d.query = f.dns_name
             AND d.ts <= f.ts_start AND contains(d.answers, '"' || f.dst_ip || '"'))`
      )
    ).toEqual([[0n]]);
    // And where a flow has none, nobody asked.
    expect(
      await rows(
        `SELECT count(*) FROM flows f WHERE dns_name IS NULL AND EXISTS (
           FROM dns d WHERE d.capture_sha256 = f.capture_sha256 AND d.client_ip = f.src_ip AND d.rtt_us > 0
             AND d.ts + to_microseconds(d.rtt_us) <= f.ts_start AND f.ts_start < d.ts + INTERVAL 1 HOUR
             AND contains(d.answers, '"' || f.dst_ip || '"')
             AND d.flow_id IN (SELECT flow_id FROM flows WHERE service = 'dns'))`
      )
    ).toEqual([[0n]]);
  });

  it("guesses services by port only of flows whose content told none", async () => {
    expect(await rows("SELECT count(*) FROM flows WHERE service IS NOT NULL AND service_guess IS NOT NULL")).toEqual([
      [0n]
    ]);
    expect(
      await rows("SELECT DISTINCT service_guess FROM flows WHERE proto = 6 AND dst_port = 443 AND service IS NULL")
    ).toEqual([["tls"]]);
  });

  it("has rows of FTP, SMB and SSH, each of a flow of that service", async () => {
    for (const name of ["ftp", "smb", "ssh"]) {
      const [[all, own]] = await rows(
        `SELECT count(*), count(*) FILTER (service = '${name}') FROM ${name} JOIN flows USING (flow_id, capture_sha256)`
      );
      expect([name, Number(all) > 0, all]).toEqual([name, true, own]);
    }
    expect(await rows("SELECT hassh FROM ssh WHERE hassh IS NOT NULL")).toEqual([["78c05d999799066a2b4554ce7b1585a6"]]);
    expect(await rows("SELECT count(*) FROM ftp WHERE command = 'PASS' AND argument IS NOT NULL")).toEqual([[0n]]);
  });

  it("tells of each capture what dissection gave up", async () => {
    expect(
      await rows(
        `SELECT count(*), sum(dissect_dropped_rows), sum(dissect_unread_flows), sum(dissect_forgotten_names)
         FROM captures WHERE dissect_malformed >= 0 AND dissect_given_up >= 0`
      )
    ).toEqual([[3n, 0n, 0n, 0n]]);
  });
});
