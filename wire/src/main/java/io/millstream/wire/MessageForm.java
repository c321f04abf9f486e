package io.millstream.wire;

import static io.millstream.wire.Kinds.MILLIS;
import static io.millstream.wire.Kinds.TEXT;
import static io.millstream.wire.Kinds.TIME;

import io.millstream.api.Bytes;
import io.millstream.api.Header;
import io.millstream.api.Message;

import java.time.Duration;
import java.util.List;

/// A message and its headers. `{}` is an empty message.
final class MessageForm {
    static final Kind<Header> HEADER =
            Kind.object(
                    "a header, such as {\"name\":\"tenant\",\"value\":\"blue\"}",
                    MessageForm::writeHeader,
                    MessageForm::readHeader);

    static final Kind<List<Header>> HEADERS = Kinds.list(HEADER);

    static final Kind<Message> KIND =
            Kind.object(
                    "a message, such as {\"text\":\"hi\"}", MessageForm::write, MessageForm::read);

    private static final Kind<Integer> PRIORITY = Kinds.small(0, Message.PRIORITY_MAX);

    private MessageForm() {}

    private static void write(Out out, Message message) {
        out.maybe("id", TEXT, message.id())
                .maybe("type", TEXT, message.type())
                .maybe("content_type", TEXT, message.contentType())
                .maybe("correlation_id", TEXT, message.correlationId())
                .maybe("reply_to", TEXT, message.replyTo())
                .maybe("group", TEXT, message.group())
                .maybe("deduplication", TEXT, message.deduplication())
                .or("priority", PRIORITY, message.priority(), 0)
                .or("delay_ms", MILLIS, message.delay(), Duration.ZERO)
                .maybe("time_to_live_ms", MILLIS, message.timeToLive())
                .maybe("trace", TEXT, message.trace())
                .maybe("time", TIME, message.time())
                .or("headers", HEADERS, message.headers(), List.of());
        Content.KEY.write(out, message.key());
        Content.BODY.write(out, message.body().length() == 0 ? null : message.body());
    }

    private static Message read(In in) {
        Message.Builder message =
                Message.builder(Bytes.EMPTY)
                        .id(in.maybe("id", TEXT))
                        .type(in.maybe("type", TEXT))
                        .contentType(in.maybe("content_type", TEXT))
                        .correlationId(in.maybe("correlation_id", TEXT))
                        .replyTo(in.maybe("reply_to", TEXT))
                        .group(in.maybe("group", TEXT))
                        .deduplication(in.maybe("deduplication", TEXT))
                        .priority(in.or("priority", PRIORITY, 0))
                        .delay(in.or("delay_ms", MILLIS, Duration.ZERO))
                        .timeToLive(in.maybe("time_to_live_ms", MILLIS))
                        .trace(in.maybe("trace", TEXT))
                        .time(in.maybe("time", TIME))
                        .key(Content.KEY.read(in));
        in.or("headers", HEADERS, List.of()).forEach(message::header);
        Bytes body = Content.BODY.read(in);
        return message.body(body == null ? Bytes.EMPTY : body).build();
    }

    private static void writeHeader(Out out, Header header) {
        out.put("name", TEXT, header.name()).or("type", TEXT, header.type(), Header.TEXT);
        Content.VALUE.write(out, header.value());
    }

    private static Header readHeader(In in) {
        return new Header(
                in.get("name", TEXT), in.or("type", TEXT, Header.TEXT), Content.VALUE.required(in));
    }
}
