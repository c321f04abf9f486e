package io.millstream.protocols.aws.sns;

import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Receipt;
import io.millstream.api.View;
import io.millstream.protocols.access.Verb;
import io.millstream.protocols.aws.sqs.SequenceNumber;
import io.millstream.protocols.aws.sqs.Store;
import io.millstream.protocols.aws.wire.Caller;
import io.millstream.protocols.aws.wire.Fault;
import io.millstream.protocols.aws.wire.FaultException;
import io.millstream.protocols.aws.wire.Input;
import io.millstream.protocols.aws.wire.Tree;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/// Publish and PublishBatch. A message is routed as it was published; what wraps it is made when it
/// is received, so that filters see the original and all queues share one body.
final class Publishing {
    private static final int ENTRIES_MAX = 10;
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{1,80}");

    private final Store store;
    private final Topics topics;
    private final Sequences sequences;
    private final RandomGenerator random;

    Publishing(Store store, Topics topics, Sequences sequences, RandomGenerator random) {
        this.store = store;
        this.topics = topics;
        this.sequences = sequences;
        this.random = random;
    }

    /// How it ended with one message.
    private sealed interface End {
        /// It is published, or was before.
        record Done(String id, @Nullable String sequence) implements End {}

        /// It is not.
        record Failed(Fault fault) implements End {}
    }

    CompletionStage<Tree> publish(Input input, Caller caller) {
        String parameter = parameter(input);
        ChannelName topic = Topics.named(input, parameter, Verb.WRITE, caller);
        return topics.find(topic)
                .thenCompose(view -> {
                    Draft draft = read(input, view);
                    return publish(view, input.requiredText(parameter), List.of(draft));
                })
                .thenApply(ends ->
                        switch (ends.getFirst()) {
                            case End.Done done -> told(done);
                            case End.Failed failed -> throw failed.fault().exception();
                        });
    }

    private static String parameter(Input input) {
        if (input.has("PhoneNumber")) {
            throw SnsError.invalid("PhoneNumber", "This server sends no SMS.");
        }
        if (input.has("TopicArn") && input.has("TargetArn")) {
            throw SnsError.invalid("TargetArn", "Give TopicArn or TargetArn, not both.");
        }
        if (!input.has("TopicArn") && !input.has("TargetArn")) {
            throw SnsError.invalid("TopicArn or TargetArn", "no value for required parameter");
        }
        return input.has("TopicArn") ? "TopicArn" : "TargetArn";
    }

    private static Draft read(Input input, View.ExchangeView topic) {
        Map<String, String> held = topic.definition().arguments();
        return Draft.read(
                input,
                TopicName.isFifo(topic.definition().name()),
                "true".equals(TopicAttribute.CONTENT_BASED_DEDUPLICATION.held(held)));
    }

    private static Tree.Fields told(End.Done done) {
        return Tree.Fields.empty()
                .with("MessageId", done.id())
                .with("SequenceNumber", done.sequence());
    }

    private CompletionStage<List<End>> publish(
            View.ExchangeView topic, String arn, List<Draft> drafts) {
        if (drafts.isEmpty()) {
            return CompletableFuture.completedStage(List.of());
        }
        ChannelName name = topic.definition().name();
        String signature = TopicAttribute.SIGNATURE_VERSION.held(topic.definition().arguments());
        if (TopicName.isFifo(name)) {
            return new InOrder(topic, arn, signature, drafts).run();
        }
        List<String> ids = new ArrayList<>();
        List<Commit> commits = new ArrayList<>();
        for (Draft draft : drafts) {
            String id = id();
            ids.add(id);
            Message message = draft.message(id, arn, store.now(), signature, null);
            commits.add(Commit.of(operation(name, message)));
        }
        return store.commit(commits)
                .thenApply(receipts -> {
                    List<End> ends = new ArrayList<>();
                    for (int i = 0; i < receipts.size(); i++) {
                        ends.add(
                                switch (receipts.get(i)) {
                                    case Receipt.Committed _ -> new End.Done(ids.get(i), null);
                                    case Receipt.Refused refused ->
                                            new End.Failed(SnsError.of(refused.refusal()));
                                });
                    }
                    return ends;
                });
    }

    private String id() {
        return new UUID(random.nextLong(), random.nextLong()).toString();
    }

    private static Operation operation(ChannelName topic, Message message) {
        // Refusing is what loses nothing: the publisher sends it again.
        return new Operation.Publish(topic, "", message, Operation.WhenFull.REFUSE);
    }

    /// Messages on their way into a FIFO topic. Each is a commit that finds out whether it is a
    /// duplicate.
    private final class InOrder {
        private final ChannelName topic;
        private final String arn;
        private final String signature;
        private final String life;
        private final boolean byGroup;
        private final List<Draft> drafts;
        private final End[] ends;
        private final long began = System.nanoTime();

        InOrder(View.ExchangeView view, String arn, String signature, List<Draft> drafts) {
            this.topic = view.definition().name();
            this.life = Topics.life(view);
            this.arn = arn;
            this.signature = signature;
            this.byGroup =
                    TopicAttribute.FIFO_THROUGHPUT_SCOPE
                            .held(view.definition().arguments())
                            .equals("MessageGroup");
            this.drafts = drafts;
            this.ends = new End[drafts.size()];
        }

        CompletionStage<List<End>> run() {
            List<Integer> all = new ArrayList<>();
            for (int i = 0; i < drafts.size(); i++) {
                all.add(i);
            }
            return attempt(all).thenApply(_ -> List.of(ends));
        }

        private CompletionStage<?> attempt(List<Integer> which) {
            Map<Integer, Published> wanted = new HashMap<>();
            return sequences
                    .number(
                            store,
                            topic,
                            which.size(),
                            first -> store.commit(commits(which, first, wanted)))
                    .thenCompose(receipts -> judge(which, wanted, receipts));
        }

        private List<Commit> commits(
                List<Integer> which, long first, Map<Integer, Published> wanted) {
            List<Commit> commits = new ArrayList<>();
            for (int i : which) {
                Draft draft = drafts.get(i);
                String sequence = SequenceNumber.text(first + commits.size());
                var one = new Published(Published.key(life, draft, byGroup), id(), sequence);
                wanted.put(i, one);
                Message message = draft.message(one.id(), arn, store.now(), signature, sequence);
                commits.add(Commit.of(one.write(store.now()), operation(topic, message)));
            }
            return commits;
        }

        private CompletionStage<?> judge(
                List<Integer> which, Map<Integer, Published> wanted, List<Receipt> receipts) {
            List<Integer> again = new ArrayList<>();
            CompletionStage<?> done = CompletableFuture.completedStage(null);
            for (int at = 0; at < which.size(); at++) {
                int i = which.get(at);
                Published one = wanted.get(i);
                Receipt receipt = receipts.get(at);
                if (one == null) {
                    throw new IllegalStateException("A message was sent that nobody wanted.");
                } else if (Topics.isConflict(receipt) && Topics.mayTryAgain(began)) {
                    done = done.thenCompose(_ -> findFirst(i, one.key(), again));
                } else {
                    ends[i] =
                            switch (receipt) {
                                case Receipt.Committed _ -> new End.Done(one.id(), one.sequence());
                                case Receipt.Refused refused ->
                                        new End.Failed(SnsError.of(refused.refusal()));
                            };
                }
            }
            return done.thenCompose(
                    _ -> again.isEmpty() ? CompletableFuture.completedStage(null) : attempt(again));
        }

        /// The first one may be forgotten just now; then this is no duplicate.
        private CompletionStage<?> findFirst(int i, String key, List<Integer> again) {
            return Published.find(store, key)
                    .thenAccept(first -> {
                        if (first == null) {
                            again.add(i);
                        } else {
                            ends[i] = new End.Done(first.id(), first.sequence());
                        }
                    });
        }
    }

    CompletionStage<Tree> publishBatch(Input input, Caller caller) {
        ChannelName topic = Topics.named(input, "TopicArn", Verb.WRITE, caller);
        List<Input> entries = input.structures("PublishBatchRequestEntries");
        checkIds(entries);
        return topics.find(topic)
                .thenCompose(view -> {
                    Map<String, Draft> sound = new LinkedHashMap<>();
                    Tree.Items failed = Tree.Items.of("member");
                    for (Input entry : entries) {
                        String id = entry.requiredText("Id");
                        try {
                            Set<String> known = new HashSet<>(Draft.PARAMETERS);
                            known.add("Id");
                            entry.allow(known);
                            sound.put(id, read(entry, view));
                        } catch (FaultException e) {
                            failed.items().add(failure(id, e.fault()));
                        }
                    }
                    checkBytes(sound);
                    return publish(
                                    view,
                                    input.requiredText("TopicArn"),
                                    List.copyOf(sound.values()))
                            .thenApply(ends -> told(List.copyOf(sound.keySet()), ends, failed));
                });
    }

    private static void checkIds(List<Input> entries) {
        if (entries.isEmpty()) {
            throw SnsError.EMPTY_BATCH_REQUEST.with("The batch request doesn't contain entries.");
        }
        if (entries.size() > ENTRIES_MAX) {
            throw SnsError.TOO_MANY_ENTRIES.with(
                    "The batch request contains more entries than permissible (10).");
        }
        Set<String> ids = new HashSet<>();
        for (Input entry : entries) {
            String id = entry.requiredText("Id");
            if (!ID.matcher(id).matches()) {
                throw SnsError.INVALID_BATCH_ENTRY_ID.with(
                        "The Id " + id + " is not 1 to 80 letters, digits, hyphens, underscores.");
            }
            if (!ids.add(id)) {
                throw SnsError.BATCH_ENTRY_IDS_NOT_DISTINCT.with("Id " + id + " repeated.");
            }
        }
    }

    private static void checkBytes(Map<String, Draft> sound) {
        long bytes = sound.values().stream().mapToLong(Draft::bytes).sum();
        if (bytes > Draft.BYTES_MAX) {
            throw SnsError.BATCH_REQUEST_TOO_LONG.with(
                    "The messages of the batch are longer than " + Draft.BYTES_MAX + " bytes.");
        }
    }

    private static Tree told(List<String> ids, List<End> ends, Tree.Items failed) {
        Tree.Items successful = Tree.Items.of("member");
        for (int i = 0; i < ends.size(); i++) {
            String id = ids.get(i);
            switch (ends.get(i)) {
                case End.Done done -> {
                    Tree.Fields one = Tree.Fields.empty().with("Id", id);
                    one.members().putAll(told(done).members());
                    successful.items().add(one);
                }
                case End.Failed(Fault fault) -> failed.items().add(failure(id, fault));
            }
        }
        return Tree.Fields.empty()
                .with("Successful", Tree.Fields.empty().with("member", successful))
                .with("Failed", Tree.Fields.empty().with("member", failed));
    }

    private static Tree.Fields failure(String id, Fault fault) {
        return Tree.Fields.empty()
                .with("Id", id)
                .with("Code", fault.code())
                .with("Message", fault.message())
                .with("SenderFault", new Tree.Flag(fault.sender()));
    }
}
