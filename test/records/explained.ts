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
  {captures: /dns-over-http2/, fields: /^dns\.(query|qtype|rcode)$/, why: "DNS in bodies of HTTP has rows of http"},
  {captures: /dns-tunnel-iodine/, fields: /^dns\.query$/, why: "names that are not UTF-8"},
  {
    captures: /dns-tcp-multirequest-buffer/,
    fields: /^dns\.(query|qtype)$/,
    why: "tshark is asked for the first of several messages in a packet"
  },
  {captures: /http-digestauth/, fields: /^http\.user$/, why: "the user of Digest has a name, too; tshark has Basic's"},
  {
    captures: /http2_h2c/,
    fields: /^http\.(status|server|reason|content_type|content_length)( of HTTP\/2)?$/,
    why: "the row of an upgraded request has HTTP/2's response, not 101"
  },
  {
    captures: /query-method|tcp\/reassembly|nmap-a-t4/,
    fields: /^http\.(method|uri|host|user_agent|request_type|request_length)$/,
    why: "QUERY, SEARCH and made-up methods are none for tshark"
  },
  {
    captures: /gre-erspan-vxlan|connect-with-smtp/,
    fields: /^http\.uri$/,
    why: "a target with a space in it is read to the last space"
  },
  {
    captures: /connect-with-smtp|socks5-rdp/,
    fields: /^(mail\.(sender|recipients|subject) \(smtp\)|rdp\.cookie)$/,
    why: "tshark does not open the proxy's connection"
  },
  {captures: /weather_working/, fields: /^http\.(method|uri|host)$/, why: "HTTP/1.0.8 is no version"},
  {captures: /dhcp-fuzz/, fields: /^dhcp\.message$/, why: "106 is no type of message"},
  {captures: /toca-boca/, fields: /^industrial\.function_code of enip$/, why: "tshark takes a game for EtherNet/IP"},
  {
    captures: /server-side-half-duplex/,
    fields: /^ssh\.hassh_server$/,
    why: "tshark has no HASSH of a server whose client is not captured"
  },
  {
    captures: /arkime_synthetic/,
    fields: /^dns\.rcode$/,
    why: "two answers to names of NetBIOS are rows of dns as well; an answer that comes from port 6081 to another is not Geneve (RFC 8926 §3.3), which tshark opens"
  },
  {
    captures: /mixed-vlan-mpls/,
    fields: /^http\.(method|uri)$/,
    why: "GET / without a version is HTTP/0.9, whose answer has no head; a method alone is not taken for HTTP"
  },
  {
    captures: /emix/,
    fields: /^tls\.server_name of QUIC$/,
    why: "a ClientHello that QUIC's client sends again is one; tshark reads it again"
  },
  {
    captures: /arkime_synthetic/,
    fields: /^kerberos\.error$/,
    why: "an error without its required times is read to its end; tshark stops where they are missing"
  },
  {
    captures: /arkime_synthetic/,
    fields: /^industrial\..* of modbus$/,
    why: "an exception without its code is one; tshark passes over it"
  },
  {
    captures: /arkime_synthetic/,
    fields: /^snmp\.responses$/,
    why: "a response is known by its type; tshark reads none where lengths of BER do not fit"
  },
  {
    captures: /arkime_synthetic/,
    fields: /^mail\.subject \(imap\)$/,
    why: "a literal shorter than it says is read; tshark waits for its end"
  },
  {
    captures: /arkime_synthetic/,
    fields: /^tls\.ja3s$/,
    why: "of a made ServerHello's 256 extensions the first 64 are part of a fingerprint"
  },
  {
    captures: /s7comm_synthetic/,
    fields: /^industrial\.(function_code|points) of s7comm$/,
    why: "parameters of one byte have no number of items, and an acknowledgement has its function; tshark reads the data's first byte, and no function"
  },
  {
    captures: /smb-smbclient|ms08-067/,
    fields: /^ntlm\.(user|domain)$/,
    why: "a session setup without NTLMSSP names its user in fields of SMB, which tshark is not asked for"
  },
  {
    captures: /smtp-decrypted|wireshark-bdat/,
    fields: /^mail\.(subject|message_id) \(smtp\)$/,
    why: "mails in chunks (BDAT) are read; tshark has no headers of theirs"
  },
  {
    captures: /smtp-moloch-bof/,
    fields: /^mail\.(sender|recipients) \(smtp\)$/,
    why: "tshark takes commands before the server's greeting for a mail's text"
  },
  {
    captures: /tcp_handshake_synthetic/,
    fields: /^http\.(method|uri|host)$/,
    why: "tshark is told that the port is SSH's, as it is of another connection there"
  },
  {
    captures: /multi_packet_http_request/,
    fields: /^http\.(method|uri|host|user_agent|referer)$/,
    why: "a head whose end was not captured is read as far as it goes; tshark waits for its end"
  },
  {
    captures: /retransmit-timeout|CVE-2018-6794/,
    fields: /^http\.(method|uri|host|user_agent|referer)$/,
    why: "what is sent again behind the idle timeout or a connection's end is another flow with a row of its own"
  },
  {
    captures: /cwd-navigation/,
    fields: /^ftp\.reply_code$/,
    why: "the command of two replies (226) was not captured: they have no row"
  },
  {
    captures: /http_espn/,
    fields: /^http\.(status|reason|content_type|content_length|server)$/,
    why: "bodies are not put together in this measure (http.desegment_body), so that tshark misses a response that begins in the last segment of a body"
  },
  {
    captures: /Withings|1kxun/,
    fields: /^http\.(method|uri|host|user_agent|request_type|request_length)$/,
    why: "bodies are not put together in this measure (http.desegment_body), behind which tshark misses requests"
  },
  {
    captures: /vlan-collisions/,
    fields: /^http\.(method|uri|host|user_agent|status|reason|content_type|content_length|server)$/,
    why: "tshark takes connections of two VLANs for one, and its segments for repeated ones"
  },
  {
    captures: /http-manipulated/,
    fields: /^http\.uri$/,
    why: "a target behind several spaces is one; tshark reads none"
  },
  {
    captures: /cl_uint64max|leading_zeros/,
    fields: /^http\.(method|uri|host|request_length)$/,
    why: "what follows lies within the body by its length; lengths are numbers, tshark's are texts"
  },
  {
    captures: /ossfuzz_seed_fake_traces_1/,
    fields: /^tls\.ja3$/,
    why: "told that the port is one of TLS, tshark takes the segment before the ClientHello for the beginning of a record"
  },
  {
    captures: /ircdAttack/,
    fields: /^(kerberos\.(request_type|service|realm)|ldap\.operation|dns\.(query|qtype)|ftp\.reply_code)$/,
    why: "a scanner speaks protocols at the ports of others, by which tshark goes; the answer to what is no command has no row"
  },
  {
    captures: /6\.6\.2\.5\/dump/,
    fields: /^industrial.*dnp3$/,
    why: "a test of the link carries no user data (IEEE 1815 §9.2.4.1.3); tshark reads what follows it"
  },
  {
    captures: /emotet/,
    fields: /^mail\.subject \(smtp\)$/,
    why: "a mail whose end was not captured is read; tshark waits for its end"
  },
  {
    captures: /ms08-067/,
    fields: /^dcerpc\.opnum/,
    why: "a request that is written to a pipe in pieces is put together; tshark reads each piece alone"
  },
  {captures: /capwap_data/, fields: /^tls\.(ja3|server_name)$/, why: "tshark does not open CAPWAP's data here"},
  {
    captures: /emix|ndpi\/netbios|chip_host_signin|impacket_psexec/,
    fields: /^dns\.rcode$/,
    why: "answers to names of NetBIOS are rows of dns as well; tshark is asked for DNS"
  },
  {captures: /badpackets/, fields: /^dns\.rcode$/, why: "messages that are cut within their header or first name"},
  {
    captures: /dns-udp-junkrequest-first/,
    fields: /^dns\.(query|qtype|rcode)$/,
    why: "the flow's first message is one of SNMP, and names it; tshark goes by the port"
  },
  {captures: /dnscrypt-v2/, fields: /^dns\.rcode$/, why: "tshark takes DNSCrypt at the port of Multicast DNS for it"},
  {
    captures: /dns-forward-pointer|dns-invalid-names/,
    fields: /^dns\.(query|qtype)$/,
    why: "a pointer that does not lead backwards is no name (RFC 1035 §4.1.4)"
  },
  {captures: /ssl-v2/, fields: /^certificates/, why: "certificates of SSL 2 are not read"},
  {
    captures: /bigtransfer/,
    fields: /^ftp\.reply_code$/,
    why: "a reply behind the idle timeout has no command, and no row"
  },
  {
    captures: /fake-long-commands/,
    fields: /^ftp\.(command|reply_code)$/,
    why: "a word longer than any command is none"
  },
  {
    captures: /globus-url-copy/,
    fields: /^ftp\.(command|reply_code)$/,
    why: "a line in several segments is one; tshark reads each segment as a line"
  },
  {
    captures: /optional-service-name/,
    fields: /^kerberos\.service$/,
    why: "the row has the answer's service where the request names none"
  }
];
