package io.millstream.protocols.aws.wire;

/// The errors that all AWS services share; a service's own are a table of its own.
public enum AwsError {
    /// The request comes from where none may come from.
    ACCESS_DENIED("AccessDeniedException", "AccessDenied", 403, true),
    /// The request is not signed, and must be.
    MISSING_AUTHENTICATION_TOKEN(
            "MissingAuthenticationTokenException", "MissingAuthenticationToken", 403, true),
    /// The signature lacks a part, or is of another kind.
    INCOMPLETE_SIGNATURE("IncompleteSignatureException", "IncompleteSignature", 400, true),
    /// Nobody has the key that the request was signed with.
    INVALID_CLIENT_TOKEN_ID("UnrecognizedClientException", "InvalidClientTokenId", 403, true),
    /// The request was signed with another secret, changed on its way, or signed at another time.
    SIGNATURE_DOES_NOT_MATCH("InvalidSignatureException", "SignatureDoesNotMatch", 403, true),
    /// The presigned address is not good any more.
    REQUEST_EXPIRED("RequestExpiredException", "RequestExpired", 400, true),
    /// The client asked for an action that there is not.
    INVALID_ACTION("UnknownOperationException", "InvalidAction", 400, true),
    /// The client asked for no action.
    MISSING_ACTION("UnknownOperationException", "MissingAction", 400, true),
    /// A parameter that must be there is not.
    MISSING_PARAMETER("MissingRequiredParameterException", "MissingParameter", 400, true),
    /// A parameter is out of its bounds.
    INVALID_PARAMETER("InvalidParameterValueException", "InvalidParameterValue", 400, true),
    /// The request cannot be read: bad JSON, a value of the wrong type.
    MALFORMED("SerializationException", "MalformedInput", 400, true),
    /// The query protocol's request cannot be read.
    MALFORMED_QUERY("SerializationException", "MalformedQueryString", 404, true),
    /// The request is larger than the limit.
    TOO_LARGE("RequestEntityTooLargeException", "RequestEntityTooLarge", 413, true),
    /// The request line or the headers are larger than the limit.
    HEAD_TOO_LARGE("SerializationException", "MalformedInput", 431, true),
    /// The request is no HTTP.
    BAD_HTTP("SerializationException", "MalformedInput", 400, true),
    /// The HTTP method is neither POST nor GET.
    BAD_METHOD("UnknownOperationException", "InvalidAction", 405, true),
    /// Too much is going on; sending it again later helps.
    UNAVAILABLE("ServiceUnavailableException", "ServiceUnavailable", 503, false),
    /// It failed, and whether it was done is unknown.
    INTERNAL("InternalFailure", "InternalFailure", 500, false);

    private static final String NAMESPACE = "com.amazon.coral.service#";

    private final String type;
    private final String code;
    private final int status;
    private final boolean sender;

    AwsError(String type, String code, int status, boolean sender) {
        this.type = NAMESPACE + type;
        this.code = code;
        this.status = status;
        this.sender = sender;
    }

    /// This error with a text.
    public Fault fault(String message) {
        return new Fault(type, code, status, status, sender, message);
    }

    /// This error with a text, to be thrown.
    public FaultException with(String message) {
        return fault(message).exception();
    }
}
