package io.millstream.protocols.aws.sqs;

import io.millstream.api.ChannelName;
import io.millstream.protocols.access.Principal;
import io.millstream.protocols.access.Verb;
import io.millstream.protocols.aws.wire.AwsError;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.FaultException;
import io.millstream.protocols.aws.wire.Input;

import org.jspecify.annotations.Nullable;

import java.util.Map;

/// What an action needs of its caller.
///
/// @param verb which, or null for any that there is
/// @param place on which queues
record Permission(@Nullable Verb verb, Place place) {

    /// Where an action says which queue it is about.
    enum Place {
        /// In its address.
        QUEUE_URL,
        /// In its name.
        QUEUE_NAME,
        /// It says an ARN or a task, which may be about any.
        ALL,
        /// It is about all that its caller may do something with, and leaves out the others.
        THOSE_ALLOWED
    }

    /// Every action of SQS, also those that there are none of yet.
    static final Map<String, Permission> ALL =
            Map.ofEntries(
                    Map.entry("SendMessage", of(Verb.WRITE)),
                    Map.entry("SendMessageBatch", of(Verb.WRITE)),
                    Map.entry("ReceiveMessage", of(Verb.READ)),
                    Map.entry("DeleteMessage", of(Verb.READ)),
                    Map.entry("DeleteMessageBatch", of(Verb.READ)),
                    Map.entry("ChangeMessageVisibility", of(Verb.READ)),
                    Map.entry("ChangeMessageVisibilityBatch", of(Verb.READ)),
                    Map.entry("GetQueueUrl", new Permission(null, Place.QUEUE_NAME)),
                    Map.entry("GetQueueAttributes", of(null)),
                    Map.entry("ListQueueTags", of(null)),
                    Map.entry("ListQueues", new Permission(null, Place.THOSE_ALLOWED)),
                    Map.entry("CreateQueue", new Permission(Verb.MANAGE, Place.QUEUE_NAME)),
                    Map.entry("DeleteQueue", of(Verb.MANAGE)),
                    Map.entry("PurgeQueue", of(Verb.MANAGE)),
                    Map.entry("SetQueueAttributes", of(Verb.MANAGE)),
                    Map.entry("TagQueue", of(Verb.MANAGE)),
                    Map.entry("UntagQueue", of(Verb.MANAGE)),
                    Map.entry("AddPermission", of(Verb.MANAGE)),
                    Map.entry("RemovePermission", of(Verb.MANAGE)),
                    Map.entry("ListDeadLetterSourceQueues", of(Verb.MANAGE)),
                    Map.entry("StartMessageMoveTask", new Permission(Verb.MANAGE, Place.ALL)),
                    Map.entry("CancelMessageMoveTask", new Permission(Verb.MANAGE, Place.ALL)),
                    Map.entry("ListMessageMoveTasks", new Permission(Verb.MANAGE, Place.ALL)));

    private static Permission of(@Nullable Verb verb) {
        return new Permission(verb, Place.QUEUE_URL);
    }

    /// Refuses, by a fault, a request that its caller may not make. An action that there is not is
    /// left to who looks for it.
    static void demand(Input input, Caller caller) {
        Permission permission = ALL.get(input.action());
        if (permission == null || caller.principal() instanceof Principal.Anyone) {
            return;
        }
        switch (permission.place()) {
            case QUEUE_URL ->
                    demand(permission.verb(), QueueAddress.of(input), input.action(), caller);
            case QUEUE_NAME ->
                    demand(permission.verb(), QueueAddress.named(input), input.action(), caller);
            case ALL -> {
                if (!caller.principal().mayEverywhere(Verb.MANAGE)) {
                    throw denied(permission.verb(), ChannelName.of("*"), input.action(), caller);
                }
            }
            case THOSE_ALLOWED -> {}
        }
    }

    /// Refuses, by a fault, a caller that may not do this.
    ///
    /// @param verb what, or null for anything at all
    static void demand(@Nullable Verb verb, ChannelName queue, String action, Caller caller) {
        Principal who = caller.principal();
        if (!(verb == null ? who.mayAnything(queue) : who.may(verb, queue))) {
            throw denied(verb, queue, action, caller);
        }
    }

    /// In AWS's words, but for the reason.
    private static FaultException denied(
            @Nullable Verb verb, ChannelName queue, String action, Caller caller) {
        return AwsError.ACCESS_DENIED.with(
                "User: arn:aws:iam::"
                        + QueueAddress.ACCOUNT
                        + ":user/"
                        + caller.principal().name()
                        + " is not authorized to perform: sqs:"
                        + action
                        + " on resource: "
                        + QueueAddress.arn(caller, queue)
                        + " because no grant of this user allows to "
                        + (verb == null ? "do anything with" : verb.word())
                        + " it.");
    }
}
