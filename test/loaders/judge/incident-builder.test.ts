import {describe, expect, it} from "vitest";
import {
  activityEvidence,
  type Evidence,
  noticeEvidence,
  partEvidence,
  voteEvidence
} from "../../../loaders/judge/evidence.ts";
import {buildIncidents, type Incident} from "../../../loaders/judge/incident-builder.ts";
import type {ActivityRow} from "../../../schema/activities.ts";
import type {NoticeRow} from "../../../schema/notices.ts";

const minute = 60e6;
const capture = "c".repeat(64);

function notice(fields: Partial<NoticeRow> = {}): Evidence {
  return noticeEvidence({
    notice_id: "0123456789abcdef",
    capture_sha256: capture,
    ts_start: 10 * minute,
    ts_end: 11 * minute,
    rule: "port_scan",
    attack_technique: "T1046",
    severity: "medium",
    src_ip: "10.0.0.5",
    dst_ip: "10.0.0.9",
    dst_port: null,
    flows: 20n,
    summary: "20 ports",
    reasons: "[]",
    ...fields
  });
}

function activityRow(at: number, fields: Partial<ActivityRow> = {}): ActivityRow {
  return {
    capture_sha256: capture,
    model: "m",
    window_start: at * minute,
    src_ip: "10.0.0.5",
    ts_start: at * minute + 1e6,
    ts_end: at * minute + 50e6,
    flows: 12n,
    dst_ip: null,
    dst_port: null,
    score: 0.97,
    suspicious: true,
    class: null,
    class_probability: null,
    contributions: null,
    ...fields
  };
}

const activity = (at: number, fields: Partial<ActivityRow> = {}) => activityEvidence(activityRow(at, fields));

/** An activity and what it did to one service of one target. */
function parted(label: string, flows = 4, fields: Partial<ActivityRow> = {}, dst_ip = "203.0.113.9", dst_port = 443) {
  const row = activityRow(10, fields);
  const {capture_sha256, src_ip, window_start, ts_start, ts_end} = row;
  const part = {capture_sha256, src_ip, window_start, ts_start: ts_start + 1e6, ts_end, lastStart: ts_end - 1e6};
  return [activityEvidence(row), ...partEvidence(row, [{...part, label, flows, probability: 0.9, dst_ip, dst_port}])];
}

function votes(at: number, flows: number, label = "PortScan", src_ip = "10.0.0.5"): Evidence {
  return voteEvidence({
    capture_sha256: capture,
    src_ip,
    label,
    ts_start: at * minute,
    ts_end: at * minute + 30e6,
    lastStart: at * minute + 20e6,
    flows,
    ofFlows: flows + 1,
    probability: 0.9,
    dst_ip: null,
    dst_port: null
  });
}

const build = (...evidence: Evidence[]) => buildIncidents(evidence, {nowUs: null});
const told = (incidents: readonly Incident[]) =>
  [...incidents]
    .sort((a, b) => a.ts_start - b.ts_start || (a.class < b.class ? -1 : 1))
    .map(({class: named, severity, src_ip, dst_ip, findings}) => [
      named,
      severity,
      src_ip,
      dst_ip,
      findings.map(({source, name}) => `${source} ${name}`)
    ]);

describe("what belongs together", () => {
  it("rules of one class about one source within five minutes are one incident, of all their targets", () => {
    const found = build(
      notice(),
      notice({rule: "host_sweep", dst_ip: null, ts_start: 15 * minute, ts_end: 16 * minute}),
      notice({ts_start: 22 * minute, ts_end: 23 * minute})
    );
    expect(told(found)).toEqual([
      ["PortScan", "medium", "10.0.0.5", null, ["rule port_scan", "rule host_sweep"]],
      ["PortScan", "medium", "10.0.0.5", "10.0.0.9", ["rule port_scan"]]
    ]);
    expect(found.map(({ts_start, ts_end}) => [ts_start / minute, ts_end / minute])).toEqual([
      [10, 16],
      [22, 23]
    ]);
  });

  it("another class, source or capture makes another incident", () => {
    const found = build(
      notice(),
      notice({rule: "brute_force", attack_technique: "T1110", severity: "high"}),
      notice({src_ip: "10.0.0.6"})
    );
    expect(found.map(({class: named, severity, src_ip}) => `${named} ${severity} ${src_ip}`).sort()).toEqual([
      "BruteForce high 10.0.0.5",
      "PortScan medium 10.0.0.5",
      "PortScan medium 10.0.0.6"
    ]);
  });

  it("what a rule names more closely than models do is one incident with it", () => {
    const lateral = notice({rule: "admin_share", attack_technique: "T1021.002"});
    const mined = notice({rule: "coin_mining", attack_technique: "T1496", src_ip: "10.0.0.6"});
    const found = build(
      lateral,
      mined,
      activity(10, {class: "Infiltration", class_probability: 0.9}),
      activity(10, {class: "Botnet", class_probability: 0.9, src_ip: "10.0.0.6"}),
      activity(10, {class: "PortScan", class_probability: 0.9, src_ip: "10.0.0.6"})
    );
    expect(told(found).map(([named, , src_ip, , findings]) => [named, src_ip, findings])).toEqual([
      ["CoinMining", "10.0.0.6", ["rule coin_mining", "activity Botnet"]],
      ["LateralMovement", "10.0.0.5", ["rule admin_share", "activity Infiltration"]],
      ["PortScan", "10.0.0.6", ["activity PortScan"]]
    ]);
  });

  it("a flood by many is one incident of its target, which the activities of single sources join", () => {
    const found = build(
      notice({rule: "syn_flood", attack_technique: "T1499.001", severity: "high", src_ip: null, dst_port: 80}),
      activity(10, {src_ip: "10.0.0.77", dst_ip: "10.0.0.9"}),
      activity(10, {src_ip: "10.0.0.78", dst_ip: "10.0.0.10"})
    );
    expect(told(found)).toEqual([
      ["DDoS", "high", null, "10.0.0.9", ["rule syn_flood", "activity activity"]],
      ["Suspicious activity", "medium", "10.0.0.78", "10.0.0.10", ["activity activity"]]
    ]);
  });

  it("what many do to one target by the model's word is one incident of that target", () => {
    const many = ["10.0.0.7", "10.0.0.8"].map((src_ip) => activity(10, {src_ip, dst_ip: "10.0.0.9", class: "DDoS"}));
    expect(told(build(...many))).toEqual([["DDoS", "medium", null, "10.0.0.9", ["activity DDoS", "activity DDoS"]]]);
  });

  it("what models find and do not name otherwise joins what rules found, and lengthens it", () => {
    const [incident, ...more] = build(
      notice(),
      activity(11),
      activity(12, {class: "PortScan", class_probability: 0.8}),
      votes(12, 4)
    );
    expect(more).toEqual([]);
    expect(told([incident])[0].slice(0, 2)).toEqual(["PortScan", "medium"]);
    expect([incident.ts_start / minute, incident.ts_end / 1e6, incident.probability]).toEqual([10, 12 * 60 + 50, 0.97]);
    expect(incident.summary).toBe("20 ports");
  });

  it("what a model names otherwise than the rules is an incident of its own", () => {
    expect(told(build(notice(), activity(11, {class: "Botnet", class_probability: 0.8})))).toEqual([
      ["PortScan", "medium", "10.0.0.5", "10.0.0.9", ["rule port_scan"]],
      ["Botnet", "medium", "10.0.0.5", null, ["activity Botnet"]]
    ]);
  });

  it("an activity that is nearly suspicious is no evidence by itself, and bears out a rule of low severity", () => {
    const nearly = {suspicious: false, score: 0.7};
    expect(build(activity(10, nearly))).toEqual([]);
    expect(told(build(notice({severity: "low"})))[0].slice(0, 2)).toEqual(["PortScan", "low"]);
    const ofBoth = (severity: string) => [
      [
        "PortScan",
        severity,
        "10.0.0.5",
        "10.0.0.9",
        ["rule port_scan", `activity ${severity === "low" ? "activity" : "PortScan"}`]
      ]
    ];
    const low = notice({severity: "low"});
    expect(told(build(low, activity(10, {...nearly, class: "PortScan"})))).toEqual(ofBoth("medium"));
    // What has no class, or another, is about the same thing where it is about the same service.
    expect(told(build(low, activity(10, nearly)))).toEqual(ofBoth("low"));
    const at9 = activity(10, {...nearly, dst_ip: "10.0.0.9", dst_port: 80});
    expect(told(build(low, at9))[0][1]).toBe("medium");
    expect(told(build(notice({severity: "low", dst_port: 22}), at9))[0][1]).toBe("low");
    expect(told(build(low, activity(10, {...nearly, dst_ip: "10.0.0.8"})))[0][1]).toBe("low");
    expect(build(activity(10, {flows: 5n}))).toEqual([]);
  });

  it("an activity that records explain is nearly suspicious at most", () => {
    const explained = activityEvidence(activityRow(10, {dst_ip: "10.0.0.9", dst_port: 80}), true);
    expect(explained.severity).toBe("low");
    expect(build(explained)).toEqual([]);
    expect(told(build(notice({severity: "low"}), explained))[0][1]).toBe("medium");
  });

  it("regular connections are borne out by ten minutes of near suspicion, for the model sees the same numbers", () => {
    const beacon = {rule: "beaconing", attack_technique: "T1071", severity: "low"};
    const nearly = {suspicious: false, score: 0.8, dst_ip: "10.0.0.9", dst_port: 80};
    const minutes = (count: number) => Array.from({length: count}, (_, k) => activity(10 + k, nearly));
    expect(told(build(notice(beacon), ...minutes(9)))[0].slice(0, 2)).toEqual(["Botnet", "low"]);
    expect(told(build(notice(beacon), ...minutes(10)))[0].slice(0, 2)).toEqual(["Botnet", "medium"]);
    const other = notice({...beacon, rule: "dynamic_name", notice_id: "another"});
    expect(told(build(notice(beacon), other, ...minutes(1)))[0].slice(0, 2)).toEqual(["Botnet", "medium"]);
  });

  it("what is new stays of low severity where the model nearly finds it suspicious, for what is new often is", () => {
    const news = notice({rule: "new_service", attack_technique: null, severity: "low"});
    const nearly = activity(10, {suspicious: false, score: 0.8, dst_ip: "10.0.0.9", dst_port: 80});
    expect(told(build(news, nearly))[0].slice(0, 2)).toEqual(["NewService", "low"]);
  });

  it("information by a rule stays information, whatever a model says beside it", () => {
    const mismatch = {rule: "protocol_mismatch", attack_technique: "T1571", severity: "info"};
    expect(told(build(notice(mismatch), activity(10)))).toEqual([
      ["ProtocolMismatch", "info", "10.0.0.5", "10.0.0.9", ["rule protocol_mismatch"]],
      ["Suspicious activity", "medium", "10.0.0.5", null, ["activity activity"]]
    ]);
    expect(told(build(notice(mismatch), votes(10, 9)))).toEqual([
      ["PortScan", "low", "10.0.0.5", null, ["classifier PortScan"]],
      ["ProtocolMismatch", "info", "10.0.0.5", "10.0.0.9", ["rule protocol_mismatch"]]
    ]);
  });

  it("the classifier alone makes an incident of five flows at least, and only of low severity", () => {
    expect(build(votes(10, 3))).toEqual([]);
    expect(told(build(votes(10, 3), votes(11, 3)))).toEqual([
      ["PortScan", "low", "10.0.0.5", null, ["classifier PortScan", "classifier PortScan"]]
    ]);
  });

  it("votes name no activity that the model of activities does not name", () => {
    expect(told(build(activity(10), votes(10, 9)))).toEqual([
      ["Suspicious activity", "medium", "10.0.0.5", null, ["activity activity", "classifier PortScan"]]
    ]);
  });
});

describe("an activity of several attacks", () => {
  const scan = ["PortScan", "medium", "10.0.0.5", "10.0.0.9", ["rule port_scan", "activity activity"]];

  it("what it did to a service that no rule told of is an incident of its own, where it is another kind of attack", () => {
    const [found, ...more] = build(notice(), ...parted("WebAttack"), votes(12, 4, "WebAttack")).toReversed();
    expect(told([found, ...more])).toEqual([
      scan,
      ["WebAttack", "medium", "10.0.0.5", null, ["activity WebAttack", "classifier WebAttack"]]
    ]);
    expect(told(build(notice(), ...parted("WebAttack")))[1].slice(0, 4)).toEqual([
      "WebAttack",
      "medium",
      "10.0.0.5",
      "203.0.113.9"
    ]);
  });

  it("the same kind of attack, or the target that the rule told of, is the rule's incident", () => {
    const joined = (label: string) => [...scan.slice(0, 4), [...(scan[4] as string[]), `activity ${label}`]];
    expect(told(build(notice(), ...parted("Probe")))).toEqual([joined("Probe")]);
    expect(told(build(notice(), ...parted("DoS", 4, {}, "10.0.0.9", 80)))).toEqual([joined("DoS")]);
    // Another service of the target of a rule that names one is another thing.
    const guesses = notice({rule: "brute_force", attack_technique: "T1110", severity: "high", dst_port: 22});
    expect(
      told(build(guesses, ...parted("DoS", 4, {}, "10.0.0.9", 80)))
        .map(([named]) => named)
        .sort()
    ).toEqual(["BruteForce", "DoS"]);
  });

  it("votes rename no activity: not one that nothing names, nor one named otherwise by the model for most of it", () => {
    expect(told(build(...parted("WebAttack"))).map(([named]) => named)).toEqual(["Suspicious activity"]);
    const botnet = {class: "Botnet", class_probability: 0.8};
    expect(told(build(...parted("WebAttack", 6, botnet))).map(([named]) => named)).toEqual(["Botnet"]);
    expect(told(build(...parted("WebAttack", 5, botnet))).map(([named]) => named)).toEqual(["Botnet", "WebAttack"]);
    expect(parted("WebAttack", 5, {suspicious: false, score: 0.7}).length).toBe(1);
  });

  it("gives the same incidents again from the findings that it kept, as a running capture does", () => {
    const first = build(notice(), ...parted("WebAttack"), votes(12, 4, "WebAttack"));
    const again = build(...first.flatMap(({findings}) => findings));
    expect(again).toEqual(first);
  });
});

describe("the life of an incident", () => {
  const at = (nowUs: number | null, evidence: Evidence[], before: readonly Incident[] = []) =>
    buildIncidents(evidence, {nowUs, told: before});

  it("is growing for a minute, open for five, then closed; in a capture that is over it is closed", () => {
    const states = [11.5, 13, 17].map((now) => at(now * minute, [notice()])[0].state);
    expect([...states, at(null, [notice()])[0].state]).toEqual(["growing", "open", "closed", "closed"]);
  });

  it("keeps its id while its beginning moves, its targets grow and more findings join it", () => {
    const first = at(11 * minute, [notice()]);
    const later = at(
      14 * minute,
      [notice({ts_start: 9 * minute, ts_end: 13 * minute, dst_ip: null}), activity(13)],
      first
    );
    expect(later.map(({incident_id}) => incident_id)).toEqual(first.map(({incident_id}) => incident_id));
    expect(later.length).toBe(1);
    // From file, without what was told: the same.
    expect(
      at(null, [notice({ts_start: 9 * minute, ts_end: 13 * minute, dst_ip: null}), activity(13)])[0].incident_id
    ).toBe(first[0].incident_id);
  });

  it("tells two that became one apart: the later one is merged into the earlier", () => {
    const before = at(30 * minute, [notice(), notice({ts_start: 25 * minute, ts_end: 26 * minute})]);
    expect(before.map(({state}) => state)).toEqual(["closed", "open"]);
    const bridge = notice({rule: "host_sweep", dst_ip: null, ts_start: 12 * minute, ts_end: 24 * minute});
    const after = at(31 * minute, [notice(), bridge, notice({ts_start: 25 * minute, ts_end: 26 * minute})], before);
    expect(after.map(({incident_id, state, merged_into}) => [incident_id, state, merged_into])).toEqual([
      [before[0].incident_id, "open", null],
      [before[1].incident_id, "merged", before[0].incident_id]
    ]);
    // It stays merged, under the same one.
    const again = at(40 * minute, [notice(), bridge, notice({ts_start: 25 * minute, ts_end: 26 * minute})], after);
    expect(again.map(({state}) => state)).toEqual(["closed", "merged"]);
  });

  it("goes on under the name that a rule gives it, into which the unnamed one is merged", () => {
    const unnamed = at(11 * minute, [activity(10)]);
    const named = at(12 * minute, [activity(10), notice()], unnamed);
    expect(named.map(({class: name, state, merged_into}) => [name, state, merged_into])).toEqual([
      ["PortScan", "growing", null],
      ["Suspicious activity", "merged", named[0].incident_id]
    ]);
  });

  it("ends without a trace where more packets took it back", () => {
    expect(at(12 * minute, [], at(11 * minute, [notice()]))).toEqual([]);
  });

  it("is the same whatever order the findings come in", () => {
    const evidence = [notice(), activity(11), votes(10, 9), notice({src_ip: "10.0.0.6"}), activity(40), votes(41, 3)];
    const ordered = (list: Evidence[]) => build(...list).map(({findings: _, ...rest}) => rest);
    expect(ordered(evidence.toReversed())).toEqual(ordered(evidence));
  });
});
