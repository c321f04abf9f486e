package io.millstream.protocols.aws.sqs;

import io.millstream.api.Refusal;
import io.millstream.protocols.aws.wire.Fault;
import io.millstream.protocols.aws.wire.FaultException;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.Tree;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/// The entries of a batch action: each succeeds or fails by itself.
///
/// @param entries in the order given
/// @param <T> what an entry asks for
record Batch<T>(List<Entry<T>> entries) {
    /// The most entries in a batch.
    static final int ENTRIES_MAX = 10;

    private static final int ID_CHARS_MAX = 80;

    /// One entry.
    ///
    /// @param <T> what it asks for
    sealed interface Entry<T> {
        /// The name under which its end is told.
        String id();
    }

    /// An entry that makes sense.
    record Sound<T>(String id, T request) implements Entry<T> {}

    /// An entry that is refused before it is tried.
    record Bad<T>(String id, Fault fault) implements Entry<T> {}

    /// Reads the parameter `Entries`; a fault inside one entry is kept as that entry's end.
    static <T> Batch<T> read(Input input, Function<Input, T> entry) {
        List<Input> given = input.structures("Entries");
        if (given.isEmpty()) {
            throw SqsError.EMPTY_BATCH_REQUEST.with(
                    "There should be at least one entry in the request.");
        }
        if (given.size() > ENTRIES_MAX) {
            throw SqsError.TOO_MANY_ENTRIES_IN_BATCH_REQUEST.with(
                    "Maximum number of entries per request are "
                            + ENTRIES_MAX
                            + ". You have sent "
                            + given.size()
                            + ".");
        }
        checkIds(given);
        List<Entry<T>> entries = new ArrayList<>(given.size());
        for (Input one : given) {
            String id = one.requiredText("Id");
            try {
                entries.add(new Sound<>(id, entry.apply(one)));
            } catch (FaultException e) {
                entries.add(new Bad<>(id, e.fault()));
            }
        }
        return new Batch<>(entries);
    }

    private static void checkIds(List<Input> entries) {
        Set<String> ids = new HashSet<>();
        for (Input entry : entries) {
            String id = entry.requiredText("Id");
            if (!isId(id)) {
                throw SqsError.INVALID_BATCH_ENTRY_ID.with(
                        "A batch entry id can only contain alphanumeric characters, hyphens and"
                                + " underscores. It can be at most 80 letters long. "
                                + id
                                + " is not.");
            }
            if (!ids.add(id)) {
                throw SqsError.BATCH_ENTRY_IDS_NOT_DISTINCT.with("Id " + id + " repeated.");
            }
        }
    }

    /// Whether it can name an entry, or a permission: 1 to 80 word characters.
    static boolean isId(String id) {
        return id.length() <= ID_CHARS_MAX && id.chars().allMatch(c -> isWordCharacter((char) c));
    }

    static boolean isWordCharacter(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '_'
                || c == '-';
    }

    /// What the sound entries ask for.
    List<T> requests() {
        List<T> requests = new ArrayList<>(entries.size());
        for (Entry<T> entry : entries) {
            if (entry instanceof Sound<T> sound) {
                requests.add(sound.request());
            }
        }
        return requests;
    }

    /// How it ended with one entry.
    sealed interface End {
        /// It was done.
        ///
        /// @param told what is told of it
        record Done(Tree.Fields told) implements End {}

        /// It was not.
        ///
        /// @param fault why
        /// @param whole whether it is no fault of the entry: the queue is gone, or the server is
        ///   busy and clients send the whole batch again by themselves
        record Failed(Fault fault, boolean whole) implements End {}

        /// The backend refused it.
        static End refused(Refusal refusal) {
            Fault fault = Refusals.fault(refusal);
            return new Failed(fault, refusal instanceof Refusal.NoSuchChannel || !fault.sender());
        }

        /// What is told of it, or the fault.
        default Tree.Fields orThrow() {
            return switch (this) {
                case Done done -> done.told();
                case Failed failed -> throw failed.fault().exception();
            };
        }
    }

    /// Does what the sound entries ask for, each by itself, and tells the end of each entry.
    ///
    /// @param element the name of a success's XML element
    /// @param work tells the end of each, in order
    CompletionStage<Tree> run(String element, Function<List<T>, CompletionStage<List<End>>> work) {
        List<T> requests = requests();
        CompletionStage<List<End>> ends =
                requests.isEmpty()
                        ? CompletableFuture.completedStage(List.of())
                        : work.apply(requests);
        return ends.thenApply(done -> answer(element, done.iterator()));
    }

    private Tree.Fields answer(String element, Iterator<End> ends) {
        Tree.Items successful = Tree.Items.of(element);
        Tree.Items failed = Tree.Items.of("BatchResultErrorEntry");
        Fault whole = null;
        for (Entry<T> entry : entries) {
            switch (entry) {
                case Bad<T>(String id, Fault fault) -> failed.items().add(failure(id, fault));
                case Sound<T>(String id, T _) -> {
                    switch (ends.next()) {
                        case End.Done(Tree.Fields told) ->
                                successful.items().add(told.with("Id", id));
                        case End.Failed(Fault fault, boolean all) -> {
                            whole = all ? fault : whole;
                            failed.items().add(failure(id, fault));
                        }
                    }
                }
            }
        }
        if (whole != null && successful.items().isEmpty()) {
            throw whole.exception();
        }
        Tree.Fields answer = Tree.Fields.empty().with("Successful", successful);
        return failed.items().isEmpty() ? answer : answer.with("Failed", failed);
    }

    private static Tree.Fields failure(String id, Fault fault) {
        return Tree.Fields.empty()
                .with("Id", id)
                .with("SenderFault", new Tree.Flag(fault.sender()))
                .with("Code", fault.code())
                .with("Message", fault.message());
    }
}
