package io.millstream.server.command;

import io.millstream.engine.doctor.Examination;
import io.millstream.engine.state.QueueState;
import io.millstream.engine.state.State;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Shows what is in a data directory.
final class Inspect {
    static final String NAME = "inspect";
    private static final String QUEUE = "--queue";
    private static final String AFTER = "--after";
    private static final String LIMIT = "--limit";
    private static final String JSON = "--json";
    private static final int LIMIT_STANDARD = 100;

    private final Surroundings surroundings;

    Inspect(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    static CommandSpec spec() {
        return DataDirectory.spec(
                        NAME,
                        "Shows what is in a data directory: files, the log's end, queues. Changes"
                                + " nothing.")
                .addOption(
                        OptionSpec.builder(QUEUE)
                                .paramLabel("NAME")
                                .type(String.class)
                                .description("Show this queue's messages instead.")
                                .build())
                .addOption(
                        OptionSpec.builder(AFTER)
                                .paramLabel("N")
                                .type(Long.class)
                                .description("Only those after this sequence.")
                                .build())
                .addOption(
                        OptionSpec.builder(LIMIT)
                                .paramLabel("N")
                                .type(Integer.class)
                                .description("At most so many messages. Default: " + LIMIT_STANDARD)
                                .build())
                .addOption(DataDirectory.flag(JSON, "For programs."));
    }

    /// Made when it is needed: it takes longer to make than most commands take.
    private static JsonMapper mapper() {
        return JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    }

    int run(ParseResult typed) throws IOException {
        List<String> damage = new ArrayList<>();
        try (DataDirectory directory = DataDirectory.look(typed, surroundings);
                Examination examined =
                        Examination.of(
                                directory.disk(), finding -> damage.add(finding.toString()))) {
            damage.addAll(examined.obstacles());
            String queue = typed.matchedOptionValue(QUEUE, (String) null);
            if (queue != null) {
                return messages(typed, examined, queue);
            }
            Inspection inspection = Inspection.of(directory.disk().describe(), examined, damage);
            print(typed, inspection, text(inspection, directory.typed()));
            return ExitStatus.DONE;
        }
    }

    private int messages(ParseResult typed, Examination examined, String name) {
        State state = examined.state();
        QueueState queue = state == null ? null : Inspection.queue(state, name);
        if (queue == null) {
            surroundings.err().println("millstream: There is no queue " + name + " in it.");
            return ExitStatus.FAILED;
        }
        long after = typed.matchedOptionValue(AFTER, 0L);
        int limit = Math.max(1, typed.matchedOptionValue(LIMIT, LIMIT_STANDARD));
        List<Inspection.Message> messages = Inspection.messages(examined, queue, after, limit);
        Table table =
                new Table("sequence", "state", "deliveries", "bytes", "file", "at byte", "stored");
        for (Inspection.Message one : messages) {
            table.row(
                    one.sequence(),
                    one.state(),
                    one.deliveries(),
                    one.bytes(),
                    one.file(),
                    one.offset(),
                    one.stored());
        }
        String more =
                messages.size() == limit && queue.next(messages.getLast().sequence()) >= 0
                        ? "More with: %s %d\n".formatted(AFTER, messages.getLast().sequence())
                        : "";
        print(typed, messages, table + more);
        return ExitStatus.DONE;
    }

    private void print(ParseResult typed, Object value, String text) {
        surroundings
                .out()
                .print(
                        typed.hasMatchedOption(JSON)
                                ? mapper().writeValueAsString(value) + "\n"
                                : text);
    }

    private static String text(Inspection found, String typed) {
        StringBuilder text = new StringBuilder();
        text.append(
                "%s: format %d, id %s, log files of %d bytes\n"
                        .formatted(
                                found.directory(),
                                found.format(),
                                found.id(),
                                found.logFileBytes()));
        Inspection.LogEnd end = found.log();
        text.append(
                "The log ends at position %d (%s at byte %d)%s.\n"
                        .formatted(
                                end.position(),
                                end.file(),
                                end.offset(),
                                end.torn()
                                        ? ", before a frame that was never acknowledged: the next"
                                                + " start cuts it off"
                                        : ""));
        text.append("Epoch %d, clock %s.\n\n".formatted(found.epoch(), found.clock()));
        text.append(files(found)).append('\n');
        Table queues =
                new Table(
                        "queue", "ready", "leased", "waiting", "stranded", "bytes", "dead letters");
        for (Inspection.Queue one : found.queues()) {
            queues.row(
                    one.name(),
                    one.ready(),
                    one.leased(),
                    one.waiting(),
                    one.stranded(),
                    one.bytes(),
                    shown(one.deadLetter()));
        }
        text.append(queues);
        if (!found.topics().isEmpty()) {
            Table topics = new Table("topic", "partition", "from", "to", "bytes");
            for (Inspection.Partition one : found.topics()) {
                topics.row(one.topic(), one.partition(), one.start(), one.end(), one.bytes());
            }
            text.append('\n').append(topics);
        }
        if (!found.damage().isEmpty()) {
            text.append("\nDamaged:\n");
            found.damage().forEach(line -> text.append("  ").append(line).append('\n'));
            text.append("Look at all of it with: millstream verify ").append(typed).append('\n');
        }
        return text.toString();
    }

    private static Table files(Inspection found) {
        Table files = new Table("file", "number", "from position", "bytes", "state");
        for (Inspection.LogFile one : found.logFiles()) {
            files.row(one.name(), one.number(), one.position(), one.bytes(), one.state());
        }
        for (Inspection.Checkpoint one : found.checkpoints()) {
            files.row(one.name(), one.number(), one.position(), one.bytes(), one.state());
        }
        for (Inspection.Segment one : found.segments()) {
            files.row(one.name(), "", "", one.bytes(), one.needed() + " needed");
        }
        return files;
    }

    private static String shown(@Nullable String name) {
        return name == null ? "dropped" : "to " + name;
    }
}
