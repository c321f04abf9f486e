package io.millstream.protocols.aws.wire;

import java.util.regex.Pattern;

/// An error as it is told to a client of either protocol.
///
/// @param type the error's shape in the JSON protocol, with its namespace
/// @param code the error's code in the query protocol; JSON clients get it in a header
/// @param status the HTTP status in the JSON protocol
/// @param queryStatus the HTTP status in the query protocol
/// @param sender whether the client is to blame, or else the server
/// @param message what happened, to what, and what to do
public record Fault(
        String type, String code, int status, int queryStatus, boolean sender, String message) {

    private static final Pattern UNWRITABLE =
            Pattern.compile(
                    "[\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F\\x{D800}-\\x{DFFF}\\x{FFFE}\\x{FFFF}]");
    private static final int MESSAGE_CHARS_MAX = 1_000;

    /// Shortens the message and takes out what not every protocol can write: it quotes the client.
    public Fault {
        if (message.length() > MESSAGE_CHARS_MAX) {
            message = message.substring(0, MESSAGE_CHARS_MAX) + "…";
        }
        message = UNWRITABLE.matcher(message).replaceAll("\uFFFD");
    }

    /// `Sender` or `Receiver`, as AWS calls who is to blame.
    public String blame() {
        return sender ? "Sender" : "Receiver";
    }

    /// The fault as an exception, caught once, where the answer is written.
    public FaultException exception() {
        return new FaultException(this);
    }
}
