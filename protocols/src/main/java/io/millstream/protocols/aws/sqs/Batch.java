package io.millstream.protocols.aws.sqs;

import io.millstream.api.Commit;
import io.millstream.api.Receipt;
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
import java.util.function.BiFunction;
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

    private static boolean isId(String id) {
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

    /// Commits each sound entry by itself, and tells the end of each entry.
    ///
    /// @param element the name of a success's XML element
    /// @param commit what an entry says to the backend
    /// @param success what is told of an entry that was done
    CompletionStage<Tree> run(
            Store store,
            String element,
            Function<T, Commit> commit,
            BiFunction<T, Receipt.Committed, Tree.Fields> success) {
        List<Commit> commits = requests().stream().map(commit).toList();
        CompletionStage<List<Receipt>> receipts =
                commits.isEmpty()
                        ? CompletableFuture.completedStage(List.of())
                        : store.commit(commits);
        return receipts.thenApply(done -> answer(element, done.iterator(), success));
    }

    private Tree.Fields answer(
            String element,
            Iterator<Receipt> receipts,
            BiFunction<T, Receipt.Committed, Tree.Fields> success) {
        Tree.Items successful = Tree.Items.of(element);
        Tree.Items failed = Tree.Items.of("BatchResultErrorEntry");
        Fault whole = null;
        for (Entry<T> entry : entries) {
            switch (entry) {
                case Bad<T>(String id, Fault fault) -> failed.items().add(failure(id, fault));
                case Sound<T>(String id, T request) -> {
                    switch (receipts.next()) {
                        case Receipt.Committed done ->
                                successful.items().add(success.apply(request, done).with("Id", id));
                        case Receipt.Refused refused -> {
                            Fault fault = Refusals.fault(refused.refusal());
                            whole = concernsAll(refused.refusal()) ? fault : whole;
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

    /// Whether it is no fault of the entry: the queue is gone, or the server is busy and clients
    /// send the whole batch again by themselves.
    private static boolean concernsAll(Refusal refusal) {
        return refusal instanceof Refusal.NoSuchChannel || !Refusals.fault(refusal).sender();
    }

    private static Tree.Fields failure(String id, Fault fault) {
        return Tree.Fields.empty()
                .with("Id", id)
                .with("SenderFault", new Tree.Flag(fault.sender()))
                .with("Code", fault.code())
                .with("Message", fault.message());
    }
}
