package io.millstream.protocols.aws.sqs;

import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.Tree;

import java.util.concurrent.CompletionStage;

/// A request that has been read and makes sense.
interface Action {

    /// Does it. Called on the event loop, on which the stage also completes.
    CompletionStage<Tree> run(Tools tools, Caller caller);
}
