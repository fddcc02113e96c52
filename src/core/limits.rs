//! Every bound of the engine, with its source. Nothing is decided here.

/// Longest text form of a product id, in characters. Google's catalogue allows 128, User.com states none.
pub const PRODUCT_ID_CHARS: usize = 256;
/// Longest attribute name, in characters (User.com: 1 to 32).
pub const ATTRIBUTE_NAME_CHARS: usize = 32;
/// Most attributes that one event carries; further ones are left out with a warning.
pub const ATTRIBUTES: usize = 200;
/// Longest name of a plain event, in characters.
pub const EVENT_NAME_CHARS: usize = 255;
/// Longest `user_id` or e-mail address, in bytes; a longer one is left out.
pub const USER_BYTES: usize = 256;
/// Deepest nesting of arrays and objects inside one attribute. This and the next two bind `pkg/copy.mjs`.
pub const DEPTH: usize = 8;
/// Most values that are read out of one payload: a cyclic object ends here.
pub const VALUES: usize = 2_000;
/// Most characters of text that are read out of one payload. A 10 MB string never enters the module.
pub const PAYLOAD_CHARS: usize = 24 * 1024;
/// Largest record in bytes of JSON: one must fit into a `keepalive` request beside others.
pub const RECORD_BYTES: usize = 32 * 1024;
/// Longest recommendation token, in characters. Google states no length; those seen have 160 to 200.
pub const TOKEN_CHARS: usize = 1_024;
/// Largest place in a panel that is written down.
pub const POSITION_MOST: u64 = 9_999;
/// How long a page view's tokens are kept, in milliseconds: the half hour after which web analytics end a visit.
pub const TOKEN_MS: u64 = 30 * 60 * 1_000;
/// Most products of one page view whose further events carry a token (the policy `product`), and most products in one
/// record of impressions.
pub const PANEL_PRODUCTS: usize = 200;
/// Longest page address that is stored, in bytes (Recommendations AI: 5 KB).
pub const URL_BYTES: usize = 5 * 1024;
/// Most records in one batch.
pub const BATCH_RECORDS: usize = 100;
/// Largest body of a batch in bytes: 60 KiB of the 64 KiB that all `keepalive` requests of a page share.
pub const BATCH_BYTES: usize = 60 * 1024;
/// Most records that wait, in storage or memory.
pub const QUEUE_RECORDS: usize = 5_000;
/// Most bytes that wait, in storage or memory.
pub const QUEUE_BYTES: usize = 1024 * 1024;
/// How many more may gather there during calls, of 512 bytes each, until the oldest are dropped together: one for each call
/// would double its cost.
pub const QUEUE_ROOM: usize = 50;
/// Deepest nesting that the JSON reader follows. Ours is 4 plus [`DEPTH`].
pub const JSON_DEPTH: usize = 32;
