/** Differences between records and tshark's fields that are of definition, or of what tshark 4.0 reads otherwise. */
export interface Explained {
  readonly captures: RegExp;
  readonly fields: RegExp;
  readonly why: string;
}

export const explained: readonly Explained[] = [
  {captures: /openvpn_tcp|443-opvn/, fields: /^(tls|certificates)/, why: "OpenVPN is not opened for the TLS in it"},
  {
    captures: /adb_synthetic|nomachine/,
    fields: /^(tls|certificates)/,
    why: "TLS behind the words of ADB and NoMachine is not read"
  },
  {captures: /quic-with-secrets/, fields: /^certificates/, why: "the capture brings secrets, which are not used"},
  {captures: /ndpi\/rdp/, fields: /^(tls|certificates)/, why: "tshark does not read TLS behind RDP's negotiation"},
  {captures: /dtls/, fields: /^certificates/, why: "tshark is asked for certificates over TCP"},
  {captures: /./, fields: /^certificates\.serial$/, why: "OpenSSL, which stands in for tshark, shortens 00 to 0"},
  {captures: /dns-over-http2/, fields: /^dns/, why: "DNS in bodies of HTTP has rows of http"},
  {captures: /dns-tunnel-iodine/, fields: /^dns\.query$/, why: "names that are not UTF-8"},
  {
    captures: /dns-tcp-multirequest-buffer/,
    fields: /^dns/,
    why: "tshark is asked for the first of several messages in a packet"
  },
  {captures: /http-digestauth/, fields: /^http\.user$/, why: "the user of Digest has a name, too; tshark has Basic's"},
  {captures: /wireshark-retrans/, fields: /^http/, why: "tshark reads repeated segments again"},
  {captures: /http2_h2c/, fields: /^http/, why: "the row of an upgraded request has HTTP/2's response, not 101"},
  {
    captures: /query-method|tcp\/reassembly|nmap-a-t4/,
    fields: /^http/,
    why: "QUERY, SEARCH and made-up methods are none for tshark"
  },
  {
    captures: /gre-erspan-vxlan|connect-with-smtp/,
    fields: /^http\.uri$/,
    why: "a target with a space in it is read to the last space"
  },
  {
    captures: /connect-with-smtp|socks5-rdp|socks4-https/,
    fields: /^(mail|rdp|tls)/,
    why: "tshark does not open the proxy's connection"
  },
  {captures: /weather_working/, fields: /^http/, why: "HTTP/1.0.8 is no version"},
  {captures: /dhcp-fuzz/, fields: /^dhcp\.message$/, why: "106 is no type of message"},
  {captures: /toca-boca/, fields: /^industrial/, why: "tshark takes a game for EtherNet/IP"},
  {
    captures: /server-side-half-duplex/,
    fields: /^ssh/,
    why: "tshark has no HASSH of a server whose client is not captured"
  }
];
