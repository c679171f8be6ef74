/** Generated from schema/records by `npm run cores`; not to be edited. */

export const TABLES = 21;

/** Kinds of all tables' columns, one table after another, and where each table's begin. */
export const kinds = memory.data<u8>([0, 4, 1, 3, 3, 1, 2, 1, 2, 1, 2, 1, 0, 4, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 2, 2, 1, 2, 0, 4, 1, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 0, 4, 1, 2, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 0, 4, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 2, 1, 0, 4, 1, 2, 2, 2, 2, 2, 1, 2, 2, 1, 2, 2, 0, 4, 1, 2, 1, 2, 2, 2, 1, 1, 2, 2, 2, 0, 4, 1, 2, 2, 2, 2, 2, 2, 2, 1, 0, 4, 1, 2, 2, 2, 1, 2, 0, 4, 1, 2, 2, 2, 2, 1, 2, 2, 1, 2, 2, 0, 4, 1, 2, 2, 2, 2, 2, 2, 1, 2, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 0, 4, 1, 2, 2, 2, 2, 2, 2, 2, 1, 1, 0, 4, 1, 2, 2, 2, 2, 1, 2, 2, 2, 2, 1, 1, 1, 0, 4, 1, 1, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 0, 4, 1, 2, 2, 1, 2, 1, 2, 1, 1, 2, 1, 1, 1, 0, 4, 1, 2, 2, 2, 1, 2, 1, 0, 4, 1, 2, 2, 2, 2, 2, 1, 1, 0, 4, 1, 2, 1, 2, 1, 1, 1, 1, 1, 0, 4, 1, 2, 2, 2, 2, 2, 1, 0, 4, 1, 2, 2, 2, 1, 2, 2, 1, 0, 4, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 2, 1, 1]);
export const firsts = memory.data<u16>([0, 12, 30, 44, 60, 79, 93, 106, 117, 125, 138, 160, 172, 187, 201, 216, 225, 235, 246, 255, 265, 282]);

/** Room for the tables, and by column for values, for what stands beside them, and for dictionaries. */
export const TABLE_PLACES = 282;
export const tables = memory.data(672);
export const values = memory.data(1128);
export const besides = memory.data(1128);
export const dictionaries = memory.data(10152);

export const DNS_TABLE = 0;
export const DNS_CLIENT_IP = 3;
export const DNS_SERVER_IP = 4;
export const DNS_TRANSACTION_ID = 5;
export const DNS_QUERY = 6;
export const DNS_QTYPE = 7;
export const DNS_QTYPE_NAME = 8;
export const DNS_RCODE = 9;
export const DNS_ANSWERS = 10;
export const DNS_RTT_US = 11;

export const HTTP_TABLE = 1;
export const HTTP_VERSION = 3;
export const HTTP_METHOD = 4;
export const HTTP_HOST = 5;
export const HTTP_URI = 6;
export const HTTP_USER_AGENT = 7;
export const HTTP_REFERER = 8;
export const HTTP_FORWARDED_FOR = 9;
export const HTTP_USER = 10;
export const HTTP_REQUEST_TYPE = 11;
export const HTTP_REQUEST_LENGTH = 12;
export const HTTP_STATUS = 13;
export const HTTP_REASON = 14;
export const HTTP_CONTENT_TYPE = 15;
export const HTTP_CONTENT_LENGTH = 16;
export const HTTP_SERVER = 17;

export const FILES_TABLE = 2;
export const FILES_PROTOCOL = 3;
export const FILES_SENT_BY = 4;
export const FILES_NAME = 5;
export const FILES_DECLARED_TYPE = 6;
export const FILES_FOUND_TYPE = 7;
export const FILES_ENCODING = 8;
export const FILES_SIZE = 9;
export const FILES_DECLARED_SIZE = 10;
export const FILES_COMPLETE = 11;
export const FILES_MD5 = 12;
export const FILES_SHA256 = 13;

export const DHCP_TABLE = 3;
export const DHCP_MESSAGE = 3;
export const DHCP_TRANSACTION_ID = 4;
export const DHCP_CLIENT_MAC = 5;
export const DHCP_CLIENT = 6;
export const DHCP_ASSIGNED = 7;
export const DHCP_REQUESTED = 8;
export const DHCP_HOST_NAME = 9;
export const DHCP_VENDOR_CLASS = 10;
export const DHCP_PARAMETERS = 11;
export const DHCP_SERVER = 12;
export const DHCP_ROUTER = 13;
export const DHCP_DOMAIN = 14;
export const DHCP_LEASE_S = 15;

export const MAIL_TABLE = 4;
export const MAIL_PROTOCOL = 3;
export const MAIL_COMMAND = 4;
export const MAIL_CLIENT_NAME = 5;
export const MAIL_USER = 6;
export const MAIL_SENDER = 7;
export const MAIL_RECIPIENTS = 8;
export const MAIL_HEADER_FROM = 9;
export const MAIL_HEADER_TO = 10;
export const MAIL_SUBJECT = 11;
export const MAIL_MESSAGE_ID = 12;
export const MAIL_AGENT = 13;
export const MAIL_ATTACHMENTS = 14;
export const MAIL_SIZE = 15;
export const MAIL_SUCCESS = 16;
export const MAIL_AUTH = 17;
export const MAIL_STATUS = 18;

export const TLS_TABLE = 5;
export const TLS_VERSION = 3;
export const TLS_SERVER_NAME = 4;
export const TLS_ALPN = 5;
export const TLS_JA4 = 6;
export const TLS_JA3 = 7;
export const TLS_CIPHER = 8;
export const TLS_JA3S = 9;
export const TLS_ALPN_CHOSEN = 10;
export const TLS_RESUMED = 11;
export const TLS_ALERT = 12;
export const TLS_ALERT_BY = 13;

export const CERTIFICATES_TABLE = 6;
export const CERTIFICATES_SHOWN_BY = 3;
export const CERTIFICATES_POSITION = 4;
export const CERTIFICATES_SUBJECT = 5;
export const CERTIFICATES_ISSUER = 6;
export const CERTIFICATES_NAMES = 7;
export const CERTIFICATES_NOT_BEFORE = 8;
export const CERTIFICATES_NOT_AFTER = 9;
export const CERTIFICATES_SERIAL = 10;
export const CERTIFICATES_SHA256 = 11;
export const CERTIFICATES_SHA1 = 12;

export const SSH_TABLE = 7;
export const SSH_CLIENT_BANNER = 3;
export const SSH_SERVER_BANNER = 4;
export const SSH_HASSH = 5;
export const SSH_HASSH_SERVER = 6;
export const SSH_CLIENT_ALGORITHMS = 7;
export const SSH_SERVER_ALGORITHMS = 8;
export const SSH_AUTH_GUESS = 9;
export const SSH_AUTH_FAILURES = 10;

export const FTP_TABLE = 8;
export const FTP_USER = 3;
export const FTP_COMMAND = 4;
export const FTP_ARGUMENT = 5;
export const FTP_REPLY_CODE = 6;
export const FTP_REPLY = 7;

export const SMB_TABLE = 9;
export const SMB_VERSION = 3;
export const SMB_COMMAND = 4;
export const SMB_SHARE = 5;
export const SMB_PATH = 6;
export const SMB_STATUS = 7;
export const SMB_USER = 8;
export const SMB_ACTION = 9;
export const SMB_SIZE = 10;
export const SMB_NEW_PATH = 11;
export const SMB_PIPE = 12;

export const DCERPC_TABLE = 10;
export const DCERPC_TRANSPORT = 3;
export const DCERPC_PIPE = 4;
export const DCERPC_MESSAGE = 5;
export const DCERPC_INTERFACE_UUID = 6;
export const DCERPC_INTERFACE = 7;
export const DCERPC_INTERFACE_VERSION = 8;
export const DCERPC_OPNUM = 9;
export const DCERPC_OPERATION = 10;
export const DCERPC_CALLS = 11;
export const DCERPC_STATUS = 12;
export const DCERPC_RETURN_CODE = 13;
export const DCERPC_REQUEST_FRAGMENTS = 14;
export const DCERPC_RESPONSE_FRAGMENTS = 15;
export const DCERPC_REQUEST_BYTES = 16;
export const DCERPC_RESPONSE_BYTES = 17;
export const DCERPC_AUTH_TYPE = 18;
export const DCERPC_AUTH_LEVEL = 19;
export const DCERPC_MAPPED_INTERFACE = 20;
export const DCERPC_MAPPED_PORT = 21;

export const NTLM_TABLE = 11;
export const NTLM_CARRIER = 3;
export const NTLM_USER = 4;
export const NTLM_DOMAIN = 5;
export const NTLM_HOST = 6;
export const NTLM_SERVER_NAME = 7;
export const NTLM_SERVER_DOMAIN = 8;
export const NTLM_SERVER_DNS = 9;
export const NTLM_SUCCESS = 10;
export const NTLM_STATUS = 11;

export const KERBEROS_TABLE = 12;
export const KERBEROS_REQUEST_TYPE = 3;
export const KERBEROS_CLIENT = 4;
export const KERBEROS_REALM = 5;
export const KERBEROS_SERVICE = 6;
export const KERBEROS_ERROR = 7;
export const KERBEROS_ERROR_NAME = 8;
export const KERBEROS_CIPHER = 9;
export const KERBEROS_REPLY_CIPHER = 10;
export const KERBEROS_REQUEST_CIPHERS = 11;
export const KERBEROS_HAS_PREAUTH = 12;
export const KERBEROS_IS_FORWARDABLE = 13;
export const KERBEROS_RTT_US = 14;

export const LDAP_TABLE = 13;
export const LDAP_MESSAGE_ID = 3;
export const LDAP_OPERATION = 4;
export const LDAP_USER = 5;
export const LDAP_AUTH = 6;
export const LDAP_BASE = 7;
export const LDAP_SCOPE = 8;
export const LDAP_FILTER = 9;
export const LDAP_ATTRIBUTES = 10;
export const LDAP_ENTRIES = 11;
export const LDAP_RESULT = 12;
export const LDAP_RTT_US = 13;

export const INDUSTRIAL_TABLE = 14;
export const INDUSTRIAL_PROTOCOL = 3;
export const INDUSTRIAL_MESSAGE = 4;
export const INDUSTRIAL_FUNCTION_CODE = 5;
export const INDUSTRIAL_FUNCTION = 6;
export const INDUSTRIAL_UNIT = 7;
export const INDUSTRIAL_ADDRESS = 8;
export const INDUSTRIAL_POINTS = 9;
export const INDUSTRIAL_IS_WRITE = 10;
export const INDUSTRIAL_ERROR = 11;
export const INDUSTRIAL_TRANSACTION_ID = 12;
export const INDUSTRIAL_MESSAGES = 13;
export const INDUSTRIAL_DURATION_US = 14;

export const RDP_TABLE = 15;
export const RDP_COOKIE = 3;
export const RDP_REQUESTED_PROTOCOLS = 4;
export const RDP_SELECTED_PROTOCOL = 5;
export const RDP_FAILURE = 6;
export const RDP_CLIENT_NAME = 7;
export const RDP_CLIENT_BUILD = 8;

export const SIP_TABLE = 16;
export const SIP_METHOD = 3;
export const SIP_CALL_ID = 4;
export const SIP_CALLER = 5;
export const SIP_CALLEE = 6;
export const SIP_USER_AGENT = 7;
export const SIP_STATUS = 8;
export const SIP_RTT_US = 9;

export const SNMP_TABLE = 17;
export const SNMP_VERSION = 3;
export const SNMP_HAS_COMMUNITY = 4;
export const SNMP_USER = 5;
export const SNMP_GETS = 6;
export const SNMP_SETS = 7;
export const SNMP_RESPONSES = 8;
export const SNMP_ERRORS = 9;
export const SNMP_TRAPS = 10;

export const RADIUS_TABLE = 18;
export const RADIUS_REQUEST = 3;
export const RADIUS_USER = 4;
export const RADIUS_NAS = 5;
export const RADIUS_STATION = 6;
export const RADIUS_ANSWER = 7;
export const RADIUS_RTT_US = 8;

export const MQTT_TABLE = 19;
export const MQTT_CLIENT_ID = 3;
export const MQTT_USER = 4;
export const MQTT_VERSION = 5;
export const MQTT_RETURN_CODE = 6;
export const MQTT_PUBLISHED = 7;
export const MQTT_SUBSCRIBED = 8;
export const MQTT_MESSAGES = 9;

export const DATABASES_TABLE = 20;
export const DATABASES_SYSTEM = 3;
export const DATABASES_COMMAND = 4;
export const DATABASES_KIND = 5;
export const DATABASES_USER = 6;
export const DATABASES_DATABASE = 7;
export const DATABASES_OBJECT = 8;
export const DATABASES_STATEMENT = 9;
export const DATABASES_CLIENT = 10;
export const DATABASES_SERVER_VERSION = 11;
export const DATABASES_AUTH = 12;
export const DATABASES_SUCCESS = 13;
export const DATABASES_ERROR = 14;
export const DATABASES_ROWS = 15;
export const DATABASES_RTT_US = 16;
