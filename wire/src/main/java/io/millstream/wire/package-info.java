/// The seam as JSON: what the HTTP API says and hears, and what backends elsewhere are asked.
///
/// [io.millstream.wire.Forms] has a form for each of its types; each is read and written by code
/// that names every member, and by nothing that looks at classes. Needs `io.millstream.api` and a
/// reader of JSON. Knows nothing of HTTP, of who may do what, and of any backend.
///
/// A commit of two operations, a take, and what a take may bring:
///
/// ```json
/// {"id":"c-1","operations":[
///   {"op":"put","queue":"mail","message":{"text":"hi"}},
///   {"op":"write","table":"users","key":"ann","value":"{}","if_absent":true}]}
///
/// {"queue":"mail","messages":10,"lease_ms":60000,"max_wait_ms":20000}
///
/// {"taken":"leased","now":"2026-01-31T12:00:00Z","leases":[
///   {"handle":"AQAAAAM…","deliveries":1,"attempts":1,"stored":"2026-01-31T11:59:58Z",
///    "first_delivered":"2026-01-31T12:00:00Z","until":"2026-01-31T12:01:00Z",
///    "message":{"type":"mail.send","text":"hi"}}]}
/// ```
///
/// - **Names** are those of the records, in snake case. What a sealed set says is told by one
///   member, which may stand anywhere: `op`, `type` of a definition, `receipt`, `effect`,
///   `refusal`, `taken`, `outcome`, `query`, `view`, `found`, `interest`, `change`, `fetched`,
///   `support`. Enumerations are words in lower case.
/// - **What is as usual is left out**, when it is written always, when it is read if one likes. So
///   each value has one form, byte by byte: members in a fixed order, maps in that of their names.
/// - **Null is refused.** Some would mean "as usual" by it, some "no limit".
/// - **Durations** are in milliseconds and say so, `delay_ms`; what is finer has up to six
///   decimals. **Times** are ISO 8601 in UTC. Numbers are exact; sequences and versions have 64
///   bits, which matters to readers that make floating point of them.
/// - **Bytes** are two members of which one is there: a body is `text` if it is well-formed UTF-8
///   without control characters other than tab and ends of lines, else `base64`; so are `key` and
///   `key_base64`, `value` and `value_base64`. Either may be sent for a text.
/// - **Names of channels** are texts, and `{"host":"blue","name":"mail"}` outside the default
///   virtual host.
/// - **Leases last** `lease_ms`, or `"lease":"while_open"` or `"auto"`. **What must be there** is
///   `if_absent` or `if_version`.
/// - **Ids of commits** are a text for the only commit of its sender, else
///   `{"sender":"Jm0vX2pT","number":7,"from":5}`, where `from` is `number` unless said.
/// - **Handles** are one text, to be passed back as it came.
/// - A **refusal** has a `detail` for a person, which need not be sent.
///
/// What is read is refused by [io.millstream.wire.MalformedException] unless all of it is known and
/// right: it names the place, what is wrong, and what would be right. [io.millstream.wire.Bounds]
/// says how much is read.
@NullMarked
package io.millstream.wire;

import org.jspecify.annotations.NullMarked;
