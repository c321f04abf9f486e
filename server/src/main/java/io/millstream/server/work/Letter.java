package io.millstream.server.work;

import io.millstream.api.Message;
import io.millstream.jobs.JobContext;
import io.millstream.wire.Forms;

import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.nio.charset.StandardCharsets;

/// A message as an endpoint is told of it, and what the endpoint calls it.
///
/// ```json
/// {"id": "mail-17", "queue": "mail", "attempt": 1, "fence": "0000000003-0000000000000012345",
///  "submitted": "2026-01-31T12:00:00.500Z", "message": {"type": "mail.send", "text": "hi"}}
/// ```
///
/// The message has the form that it has in the HTTP API.
///
/// @param id what names it in an answer
/// @param json in UTF-8
record Letter(String id, byte[] json) {

    /// @throws IllegalArgumentException if there is no JSON that says it
    static Letter of(Message message, JobContext context) {
        ObjectNode head = JsonMapper.shared().createObjectNode();
        head.put("id", context.id());
        head.put("queue", context.queue());
        head.put("attempt", context.attempt());
        head.put("fence", MessageVariables.text(context.fence()));
        head.put("submitted", context.submitted().toString());
        String begin = JsonMapper.shared().writeValueAsString(head);
        byte[] before = utf8(begin.substring(0, begin.length() - 1) + ",\"message\":");
        byte[] body = Forms.MESSAGE.write(message);
        return new Letter(context.id(), joined(before, body, utf8("}")));
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] joined(byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        byte[] whole = new byte[length];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, whole, at, part.length);
            at += part.length;
        }
        return whole;
    }
}
