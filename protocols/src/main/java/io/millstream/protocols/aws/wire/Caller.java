package io.millstream.protocols.aws.wire;

/// Who waits for the answer to a running action. Used on the caller's event loop only.
public interface Caller {

    /// Where the client reached this server, such as `http://localhost:9324`; addresses in answers
    /// begin with it.
    String origin();

    /// The region that the client believes to be in.
    String region();

    /// Whether nobody waits any more, or waiting must end because the server closes.
    boolean hurried();

    /// Has `stop` run once if the client leaves or the server closes before the action has ended.
    void onCancel(Runnable stop);

    /// Has `undo` run once if the action's answer did not reach the client's connection.
    void onUndelivered(Runnable undo);
}
