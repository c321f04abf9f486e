package io.millstream.server.client;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Receipt;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;

/// `millstream send`: a message, or one for each line, into a queue.
final class SendCommand {
    static final String EACH_LINE = "--each-line";

    private SendCommand() {}

    static Verb verb() {
        Verb verb =
                Specs.verb(
                        "send",
                        "Sends a message to a queue: the text, or what is piped in.",
                        SendCommand::read);
        verb.spec()
                .addPositional(Specs.word(0, "QUEUE", "Which queue."))
                .addPositional(Specs.maybe(1, "TEXT", "The body; - or none for standard input."))
                .addOption(Specs.flag("Each line of standard input is a message.", EACH_LINE));
        MessageOptions.addTo(verb.spec(), "--key", MessageOptions.GROUP);
        return verb;
    }

    private static Verb.Work read(Typed typed) {
        ChannelName queue = ChannelName.of(typed.word(0, ""));
        Message message = MessageOptions.read(typed);
        String text = Bodies.text(typed, 1);
        return typed.has(EACH_LINE)
                ? call -> sendLines(call, queue, message)
                : call -> send(call, queue, message, text);
    }

    private static int send(Call call, ChannelName queue, Message message, @Nullable String text)
            throws IOException {
        Bytes body = Bodies.read(call, text);
        Receipt.Effect effect =
                call.millstream()
                        .commit(new Operation.Put(queue, message.with().body(body).build()))
                        .getFirst();
        ObjectNode json = Json.object().put("queue", queue.toString());
        if (effect instanceof Receipt.Effect.Duplicate(long of)) {
            json.put("duplicate_of", of);
            call.out().say(json, "%s has it already, at %d.", queue, of);
        } else if (effect instanceof Receipt.Effect.Stored(long sequence)) {
            json.put("sequence", sequence);
            call.out().say(json, "Sent to %s, at %d.", queue, sequence);
        }
        return Status.DONE;
    }

    private static int sendLines(Call call, ChannelName queue, Message message) throws IOException {
        long[] duplicates = {0};
        Bulk bulk =
                new Bulk(
                        call.millstream(),
                        effect ->
                                duplicates[0] +=
                                        effect instanceof Receipt.Effect.Duplicate ? 1 : 0);
        Bodies.eachLine(
                call, bulk, body -> new Operation.Put(queue, message.with().body(body).build()));
        ObjectNode json =
                Json.object()
                        .put("queue", queue.toString())
                        .put("sent", bulk.sent() - duplicates[0])
                        .put("duplicates", duplicates[0]);
        call.out()
                .say(
                        json,
                        "Sent %s to %s%s.",
                        Texts.count(bulk.sent() - duplicates[0], "message"),
                        queue,
                        duplicates[0] == 0 ? "" : ", which had " + duplicates[0] + " already");
        return Status.DONE;
    }
}
