package io.millstream.server.client;

import io.millstream.api.Bytes;
import io.millstream.api.Operation;
import io.millstream.server.config.ConfigException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.function.Function;

/// The bodies of messages: typed, piped in, or a line each.
final class Bodies {
    private static final String STANDARD_INPUT = "-";

    private Bodies() {}

    /// What was typed as a body, or null for what is piped in.
    static @Nullable String text(Typed typed, int place) {
        String text = typed.word(place);
        if (text != null && typed.has(SendCommand.EACH_LINE)) {
            throw new ConfigException(
                    SendCommand.EACH_LINE + " reads standard input. Leave the body out.");
        }
        return STANDARD_INPUT.equals(text) ? null : text;
    }

    /// The body: what was typed, or all that is piped in, as it is.
    static Bytes read(Call call, @Nullable String text) throws IOException {
        return text == null ? Bytes.of(call.input().all(bytesMax(call))) : Bytes.utf8(text);
    }

    /// A message for each line. What has come is sent as soon as nothing more does.
    static void eachLine(Call call, Bulk bulk, Function<Bytes, Operation> message)
            throws IOException {
        long bytesMax = bytesMax(call);
        byte[] line = call.input().line(bytesMax);
        while (line != null) {
            bulk.add(message.apply(Bytes.of(line)), line.length);
            if (call.input().isIdle()) {
                bulk.send();
            }
            line = call.input().line(bytesMax);
        }
        bulk.send();
    }

    static long bytesMax(Call call) {
        return call.millstream().backend().capabilities().messageBytesMax();
    }
}
