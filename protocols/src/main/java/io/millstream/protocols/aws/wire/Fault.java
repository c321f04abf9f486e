package io.millstream.protocols.aws.wire;

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

    /// `Sender` or `Receiver`, as AWS calls who is to blame.
    public String blame() {
        return sender ? "Sender" : "Receiver";
    }

    /// The fault as an exception, caught once, where the answer is written.
    public FaultException exception() {
        return new FaultException(this);
    }
}
