package io.millstream.server.client;

import io.millstream.api.Bytes;
import io.millstream.api.Header;
import io.millstream.api.Message;

import picocli.CommandLine.Model.CommandSpec;

import java.time.Duration;

/// What can be said of a message that is sent or published, besides its body.
final class MessageOptions {
    static final String GROUP = "--group";
    static final String PRIORITY = "--priority";
    static final String DELAY = "--delay";

    private static final String HEADER = "--header";
    private static final String TYPE = "--type";
    private static final String ID = "--id";
    private static final String CONTENT_TYPE = "--content-type";
    private static final String TIME_TO_LIVE = "--time-to-live";
    private static final String CORRELATION_ID = "--correlation-id";
    private static final String REPLY_TO = "--reply-to";
    private static final String DEDUPLICATION = "--deduplication";

    private MessageOptions() {}

    /// Adds them to a command.
    ///
    /// @param groupNames how the group can be said
    static void addTo(CommandSpec spec, String... groupNames) {
        spec.addOption(
                        Specs.texts(
                                "NAME=VALUE", "A header. May be given many times.", "-H", HEADER))
                .addOption(Specs.text("TYPE", "What the body is, such as mail.send.", TYPE))
                .addOption(Specs.text("KEY", "What it belongs to: order and shares.", groupNames))
                .addOption(Specs.text("N", "0, the first served, to 31. Default: 0", PRIORITY))
                .addOption(Specs.text("TIME", "How long before it is delivered, as 90s.", DELAY))
                .addOption(
                        Specs.text(
                                "TIME", "How long it may wait undelivered, as 90s.", TIME_TO_LIVE))
                .addOption(Specs.text("ID", "The sender's id of the message.", ID))
                .addOption(Specs.text("TYPE", "The media type of the body.", CONTENT_TYPE))
                .addOption(Specs.text("ID", "What an answer is to name.", CORRELATION_ID))
                .addOption(Specs.text("NAME", "Where an answer is expected.", REPLY_TO))
                .addOption(Specs.text("ID", "By what a queue sees that it has it.", DEDUPLICATION));
    }

    /// A message without a body.
    static Message read(Typed typed) {
        Message.Builder message =
                Message.builder(Bytes.EMPTY)
                        .type(typed.text(TYPE))
                        .group(typed.text(GROUP))
                        .priority(typed.whole(PRIORITY, 0, 0, Message.PRIORITY_MAX))
                        .delay(typed.time(DELAY, Duration.ZERO))
                        .timeToLive(typed.time(TIME_TO_LIVE))
                        .id(typed.text(ID))
                        .contentType(typed.text(CONTENT_TYPE))
                        .correlationId(typed.text(CORRELATION_ID))
                        .replyTo(typed.text(REPLY_TO))
                        .deduplication(typed.text(DEDUPLICATION));
        for (String header : typed.texts(HEADER)) {
            int end = header.indexOf('=');
            if (end < 1) {
                throw Typed.wrong(HEADER, header, "Give NAME=VALUE.");
            }
            message.header(Header.text(header.substring(0, end), header.substring(end + 1)));
        }
        return message.build();
    }
}
