package io.millstream.protocols.aws.wire;

import org.jspecify.annotations.Nullable;

/// The two ways that clients of AWS speak.
public enum Wire {
    /// AWS JSON 1.0: the action in `X-Amz-Target`, everything else in a JSON body.
    JSON("application/x-amz-json-1.0", 2),
    /// The query protocol: a form in the body or the address, XML in the answer.
    QUERY("text/xml", 6);

    private final String contentType;
    private final int growth;

    /// @param growth how many bytes the longest escape of one byte takes
    Wire(String contentType, int growth) {
        this.contentType = contentType;
        this.growth = growth;
    }

    /// How many bytes an answer takes at most that holds so many bytes of messages.
    public long answerBytesMax(long messageBytes) {
        return growth * messageBytes;
    }

    /// The answer's media type.
    public String contentType() {
        return contentType;
    }

    /// The HTTP status that tells `fault`.
    public int status(Fault fault) {
        return this == JSON ? fault.status() : fault.queryStatus();
    }

    /// The body of an answer.
    public byte[] answer(Dialect dialect, String action, String requestId, Tree result) {
        if (this == QUERY) {
            return XmlWriter.answer(dialect.namespace(), action, requestId, result);
        }
        return result instanceof Tree.Nothing ? new byte[0] : JsonWriter.answer(result);
    }

    /// The body of an error.
    public byte[] fault(Dialect dialect, String requestId, Fault fault) {
        return this == QUERY
                ? XmlWriter.fault(dialect.namespace(), requestId, fault)
                : JsonWriter.fault(fault);
    }

    /// Reads the body of a JSON request for `action`.
    public static Input json(String action, byte[] body) {
        return new Input(JSON, action, "", JsonReader.read(body));
    }

    /// Reads a query request, whose action stands among its parameters.
    ///
    /// @param resource the path that it was sent to, which may name what it is about
    public static Input query(Dialect dialect, String resource, byte[] form) {
        Tree.Fields fields = QueryReader.read(form, dialect);
        if (!(fields.members().remove("Action") instanceof Tree.Text action)) {
            throw AwsError.MISSING_ACTION.with(
                    "The request names no action. Send the parameter Action, or X-Amz-Target and"
                            + " JSON.");
        }
        if (fields.members().remove("Version") instanceof Tree.Text version
                && !version.value().equals(dialect.version())) {
            throw AwsError.INVALID_ACTION.with(
                    "There is no version "
                            + version.value()
                            + " of this API. Use version "
                            + dialect.version()
                            + ".");
        }
        fields.members().keySet().removeIf(Wire::isSignature);
        return new Input(QUERY, action.value(), resource, fields);
    }

    /// The version that a query names, as it is written, or null if it names none. Nothing else of
    /// the form is read.
    public static @Nullable String version(byte[] form) {
        return QueryReader.find(form, "Version");
    }

    /// Parameters that say who asks, not what; they come from signed addresses and old signatures.
    private static boolean isSignature(String name) {
        return switch (name) {
            case "AWSAccessKeyId",
                    "Expires",
                    "SecurityToken",
                    "Signature",
                    "SignatureMethod",
                    "SignatureVersion",
                    "Timestamp" ->
                    true;
            default -> name.regionMatches(true, 0, "X-Amz-", 0, 6);
        };
    }
}
