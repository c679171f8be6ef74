import {httpRequests, isBareHost} from "./http-requests.ts";
import {common, extent, togetherOutward} from "./merge.ts";
import {defineRule, type OneFlowRow} from "./rule.ts";
import {atLeast, fact} from "./wording.ts";

type Row = OneFlowRow & {
  host: string;
  path: string;
  is_bare: number;
};

const limits = {
  forms: {
    value: 1,
    unit: "forms",
    doc: "Forms posted from a page whose address names a well-known firm that is not its owner, and a login or its like"
  },
  gap: {value: 3600, unit: "s", doc: "Forms so close together are one incident"}
} as const;

/** Firms whose customers are deceived most; their names stand for nothing else. */
const firms = new Set(
  "paypal netflix dhl fedex usps wellsfargo wellsfar bankofamerica citibank hsbc barclays santander natwest lloyds icloud appleid facebook instagram whatsapp linkedin microsoft office365 o365 outlook365 microsoftonline onedrive docusign dropbox coinbase binance metamask hmrc paypai netfiix amaz0n sparkasse postbank commerzbank".split(
    " "
  )
);
/** Names of firms and their products that others bear, too. */
const products = new Set(
  "apple amazon chase office outlook owa sharepoint adobe google gmail yahoo ebay ups irs steam webmail securemail dpd blockchain aol excel pdf".split(
    " "
  )
);
/** What the page promises. */
const baits = new Set(
  "login signin logon sign secure secured security verify verification validate account accounts update confirm confirmation billing payment unlock recover recovery auth webscr suspended wallet track tracking".split(
    " "
  )
);
/** Endings of two labels under which firms register the label before them. */
const doubled = new Set(["co", "com", "net", "org", "gov", "ac"]);

const tokensOf = (text: string) => text.split(/[^a-z0-9]+/).filter((token) => token !== "");

/** Whether a page below this host and path passes itself off as a firm's login. */
export function isFalseLogin(host: string, path: string, isBare: boolean): boolean {
  const labels = host.split(":")[0].split(".");
  const ending = labels.length > 2 && doubled.has(labels[labels.length - 2]) ? 2 : 1;
  const owner = isBare ? "" : (labels[labels.length - 1 - ending] ?? "");
  const below = tokensOf(path);
  const ofOwner = tokensOf(owner);
  const isOwn = (firm: string) => owner === firm || (owner.startsWith(firm) && !owner.includes("-"));
  const named = tokensOf(labels.slice(0, isBare ? 0 : labels.length - ending).join("."));
  const lures = (tokens: readonly string[]) => tokens.some((token) => baits.has(token));
  if (named.some((token) => firms.has(token) && !isOwn(token))) return lures([...named, ...below]);
  const product = [...named, ...below].some((token) => products.has(token) && !isOwn(token));
  if (product && lures(ofOwner) && ofOwner.length > 1) return true;
  // A firm in the path: of a user's page, of an address without a name, or within the parts of somebody's blog.
  const isStrayed = isBare || path.startsWith("/~") || /^[/]wp-(includes|content|admin)[/]/.test(path);
  return isStrayed && below.some((token) => firms.has(token) || products.has(token)) && lures(below);
}

/** Phishing: somebody fills in a form on a page that a stranger made to look like a well-known firm's (ATT&CK T1566.002). */
export const falseLogin = defineRule<typeof limits, Row>({
  name: "false_login",
  doc: "Somebody posts a form over HTTP to a foreign page whose address passes itself off as a well-known firm's login.",
  blindTo:
    "Pages within TLS, as most are; addresses without the name of a known firm; what was filled in. A dealer's page that names a firm's product and has a login looks the same.",
  attackTechnique: "T1566.002",
  severity: "medium",
  limits,
  tables: ["flows", "http"],
  startsFrom: {http: "method = 'POST'"},
  judgesOpen: true,
  countedFlows: "f.service = 'http'",
  query: (scope) => `
    SELECT capture_sha256, CAST(flow_id AS VARCHAR) AS flow_id, src_ip, dst_ip, dst_port, ts_start, ts_end, lower(host) AS host, lower(split_part(uri, '?', 1)) AS path,
      CASE WHEN ${isBareHost("host")} THEN 1 ELSE 0 END AS is_bare
    FROM ${httpRequests(scope)} q
    WHERE method = 'POST' AND host <> '' AND agent LIKE 'mozilla/%' AND (status IS NULL OR status < 400)
      AND (request_type LIKE 'application/x-www-form-urlencoded%' OR request_type LIKE 'multipart/form-data%')`,
  incidents: (rows, {forms, gap}, {localNets}) =>
    togetherOutward(
      rows.filter(({host, path, is_bare}) => isFalseLogin(host, path, is_bare === 1)),
      localNets,
      gap.value * 1e6
    ).map((group) => {
      const [{capture_sha256, src_ip, host, path}] = group;
      return {
        capture_sha256,
        ...extent(group),
        src_ip,
        dst_ip: common(group.map(({dst_ip}) => dst_ip)),
        dst_port: common(group.map(({dst_port}) => dst_port)),
        flows: new Set(group.map(({flow_id}) => flow_id)).size,
        summary: `${src_ip} filled in a form of ${host}, which passes itself off as a well-known firm's page.`,
        reasons: [
          atLeast("forms posted to such a page", group.length, forms),
          fact("the first one", `${host}${path}`.slice(0, 120))
        ]
      };
    })
});
