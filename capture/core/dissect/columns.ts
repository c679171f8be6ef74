/** Generated from schema/records by `npm run cores`; not to be edited. */

export const TABLES = 6;

/** Kinds of all tables' columns, one table after another, and where each table's begin. */
export const kinds = memory.data<u8>([0, 4, 1, 3, 3, 1, 2, 1, 2, 1, 2, 1, 0, 4, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 2, 2, 1, 2, 0, 4, 1, 2, 2, 2, 2, 2, 1, 0, 4, 1, 2, 2, 2, 2, 2, 2, 0, 4, 1, 2, 2, 2, 1, 2, 0, 4, 1, 2, 2, 2, 2, 1]);
export const firsts = memory.data<u16>([0, 12, 30, 39, 48, 56, 64]);

/** Room for the tables, and by column for values, for what stands beside them, and for dictionaries. */
export const TABLE_PLACES = 64;
export const tables = memory.data(192);
export const values = memory.data(256);
export const besides = memory.data(256);
export const dictionaries = memory.data(2304);

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

export const TLS_TABLE = 2;
export const TLS_VERSION = 3;
export const TLS_SERVER_NAME = 4;
export const TLS_ALPN = 5;
export const TLS_JA4 = 6;
export const TLS_JA3 = 7;
export const TLS_CIPHER = 8;

export const SSH_TABLE = 3;
export const SSH_CLIENT_BANNER = 3;
export const SSH_SERVER_BANNER = 4;
export const SSH_HASSH = 5;
export const SSH_HASSH_SERVER = 6;
export const SSH_CLIENT_ALGORITHMS = 7;
export const SSH_SERVER_ALGORITHMS = 8;

export const FTP_TABLE = 4;
export const FTP_USER = 3;
export const FTP_COMMAND = 4;
export const FTP_ARGUMENT = 5;
export const FTP_REPLY_CODE = 6;
export const FTP_REPLY = 7;

export const SMB_TABLE = 5;
export const SMB_VERSION = 3;
export const SMB_COMMAND = 4;
export const SMB_SHARE = 5;
export const SMB_PATH = 6;
export const SMB_STATUS = 7;
