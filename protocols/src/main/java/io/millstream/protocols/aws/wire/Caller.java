package io.millstream.protocols.aws.wire;

import io.millstream.protocols.access.Principal;
import io.millstream.protocols.room.Room;

import java.time.Duration;
import java.util.concurrent.CompletionStage;

/// Who waits for the answer to a running action. Used on the caller's event loop only.
public interface Caller {

    /// Where the client reached this server, such as `http://localhost:9324`; addresses in answers
    /// begin with it.
    String origin();

    /// Who it is.
    Principal principal();

    /// Whether the request is signed; if nobody has to, whether it says so.
    boolean isSigned();

    /// The region that the client believes to be in.
    String region();

    /// Whether nobody waits any more, or waiting must end because the server closes.
    boolean hurried();

    /// Has `stop` run once if the client leaves or the server closes before the action has ended.
    void onCancel(Runnable stop);

    /// Has `undo` run once if the action's answer did not reach the client's connection.
    void onUndelivered(Runnable undo);

    /// Has room for an answer with so many bytes of messages, if there is some at once. It is held
    /// until the answer has been taken, or the client has left.
    ///
    /// @return whether there was
    boolean takeRoom(long messageBytes);

    /// Waits in line for such room. What was held is let go.
    ///
    /// @return whether there was; false when the wait is over or must end
    CompletionStage<Boolean> awaitRoom(long messageBytes, Duration maxWait);

    /// Waits in the line of another room. Whoever gets the bytes frees them.
    ///
    /// @return whether they are held; false when the wait is over or must end
    CompletionStage<Boolean> awaitTurn(Room room, long bytes, Duration maxWait);

    /// Lets go of the room that is held: there will be no messages in the answer.
    void leaveRoom();
}
